# One static binary in an image without a shell, run by a user without rights.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/rasad ./cmd/rasad && mkdir -p /out/data

FROM gcr.io/distroless/static:nonroot
COPY --from=build /out/rasad /usr/local/bin/rasad
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
ENV RASAD_DATA=/data RASAD_LISTEN=0.0.0.0:8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/usr/local/bin/rasad", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/rasad"]
CMD ["serve"]
