# Not built in CI: no container engine runs there. The commands are those of README.md, which CI does run.
FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund
COPY . .
RUN useradd --create-home --shell /usr/sbin/nologin assay && mkdir -p /home/assay/.assay && chown -R assay /home/assay
USER assay
EXPOSE 9944
ENTRYPOINT ["node"]
CMD ["subnet/main.ts", "localnet", "--port", "9944"]
