# make run        the demonstration: a simulated Nowruz in Isfahan, live
# make run-influx the same with a real InfluxDB 1.8.3 beside it
# make test       everything that proves it works; needs Debian or chromium and node
# make check      lint, format, vet, types of the JavaScript, dead links
# make bench      speed, as ratios against a baseline in the same run
# make lighthouse  what Lighthouse gives the pages, in both languages
# make long       soak, long fuzz, long property and fault runs
# make golden     writes the golden files and the pictures anew: look at the difference
.PHONY: run run-influx build test check bench lighthouse long golden
export PATH := $(PATH):/usr/local/go/bin
LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
ROOMS = ./... ./.ci/bench ./.ci/counts ./.ci/influx ./.ci/lighthouse ./.ci/links
TSC = npx --yes --package=typescript@7.0.2 -- tsc

build:
	@mkdir -p bin && go build -trimpath -o bin/rasad ./cmd/rasad

run: build
	@bin/rasad demo

run-influx: build
	@go run ./.ci/influx

test:
	@.ci/setup
	@go run ./.ci/counts

check:
	@go mod tidy -diff
	@go vet $(ROOMS)
	@$(LINT) fmt --diff
	@$(LINT) run $(ROOMS)
	@if command -v npx >/dev/null; then $(TSC) -p static/jsconfig.json; else echo "check: no node here: the types of the JavaScript are not checked"; fi
	@go run ./.ci/links

bench:
	@go run ./.ci/bench

lighthouse:
	@go run ./.ci/lighthouse

long:
	@.ci/long

golden:
	@go test ./entry ./city/file ./collectors/simulate -update
	@RASAD_PICTURES=1 go test -timeout 20m -run '^TestTheDocumentationHasItsPictures$$' ./cmd/rasad
