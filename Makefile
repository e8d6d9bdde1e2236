# make run        the demonstration: a simulated Nowruz in Isfahan, live
# make run-influx the same with a real InfluxDB 1.8.3 beside it
# make test       everything that proves it works; needs Debian or chromium and node
# make check      lint, format, vet, types of the JavaScript, dead links
# make bench      speed, as ratios against a baseline in the same run
# make long       soak, long fuzz, long property and fault runs
.PHONY: run run-influx build test check bench long golden
export GOFLAGS ?= -trimpath
export PATH := $(PATH):/usr/local/go/bin

build:
	@mkdir -p bin && go build -o bin/rasad ./cmd/rasad

run: build
	@bin/rasad demo

test:
	@.ci/setup
	@go run ./.ci/counts

bench:
	@go run ./.ci/bench
