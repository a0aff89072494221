# A node of Assay: miner, validator, subnet. `--target chain-node` is another image, the native chain's node alone. With BuildKit, which builds only the
# stages that the target needs. Not built in CI, where no container engine runs; `npm run image -- --check`, which makes and
# runs the same tree without one, does the work of the first stage.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node deploy/image.ts --out /image

# A quarter of an hour; only for its target.
FROM rust:1.95.0-bookworm AS chain-build
RUN apt-get update && apt-get install -y --no-install-recommends protobuf-compiler libssl-dev pkg-config && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY chain/node/Cargo.toml chain/node/Cargo.lock chain/node/rust-toolchain.toml ./
COPY chain/node/src src
RUN OPENSSL_NO_VENDOR=1 cargo build --locked --release

FROM debian:bookworm-slim AS chain-node
RUN apt-get update && apt-get install -y --no-install-recommends libssl3 && rm -rf /var/lib/apt/lists/*
COPY --from=chain-build /build/target/release/assay-node /usr/local/bin/assay-node
RUN useradd --system --uid 10001 --home-dir /var/lib/assay-node --create-home --shell /usr/sbin/nologin assay
USER 10001:10001
WORKDIR /var/lib/assay-node
# Database, and the keys of an authority where it is one.
VOLUME /var/lib/assay-node
# Other nodes, JSON-RPC, metrics. The last two answer others only where --rpc-external says so, and inside of the container's own network.
EXPOSE 30333 9944 9615
STOPSIGNAL SIGTERM
ENTRYPOINT ["assay-node", "--base-path", "/var/lib/assay-node", "--database", "paritydb", "--no-telemetry", "--prometheus-port", "9615", "--prometheus-external"]
CMD ["--help"]

FROM debian:bookworm-slim
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /image/ /
RUN useradd --system --uid 10001 --home-dir /var/lib/assay --create-home --shell /usr/sbin/nologin assay
ENV NODE_ENV=production HOME=/var/lib/assay
USER 10001:10001
WORKDIR /var/lib/assay
# Wallets lie in .bittensor/wallets, everything else in .assay.
VOLUME /var/lib/assay
STOPSIGNAL SIGTERM
CMD ["miner", "--help"]
