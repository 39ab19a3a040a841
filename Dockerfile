FROM node:22-bookworm-slim AS portal
WORKDIR /src
COPY openapi openapi
COPY portal portal
WORKDIR /src/portal
RUN --mount=type=cache,target=/root/.npm npm ci && npm run build

FROM rust:1.95-slim-bookworm AS builder
WORKDIR /src
COPY . .
COPY --from=portal /src/portal/dist portal/dist
# The caches live outside the image, so the binary is copied out of them.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --bin ganhe \
    && cp target/release/ganhe /usr/local/bin/ganhe

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="Ganhe" \
      org.opencontainers.image.description="The ledger of pollutant emission rights" \
      org.opencontainers.image.licenses="Apache-2.0"
# Only `ganhe demo` writes here; production keeps everything in PostgreSQL.
RUN install --directory --owner=10001 --group=10001 /var/lib/ganhe
# Webhooks are delivered over TLS.
COPY --from=builder /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=builder /usr/local/bin/ganhe /usr/local/bin/ganhe
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/ganhe
ENV GANHE_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["ganhe", "healthcheck"]
ENTRYPOINT ["ganhe"]
CMD ["serve"]
