# A node of Assay: miner, validator, subnet. Not built in CI, where no container engine runs; `npm run image -- --check`, which makes and
# runs the same tree without one, does the work of the first stage.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN node deploy/image.ts --out /image

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
