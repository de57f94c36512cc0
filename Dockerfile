# syntax=docker/dockerfile:1
# One file for every image: --build-arg SERVICE=gateway (or subgraphs/task, subgraphs/scheduler, …, dev).
# `dev` is what creates the topics, and the identity server. Node runs the TypeScript sources directly, so nothing is compiled.

# The image that installs; a registry mirror or a local base can take its place.
ARG BUILD_IMAGE=node:24-trixie-slim
# Only Node: no shell, no package manager; it runs as uid 65532.
ARG RUN_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${BUILD_IMAGE} AS build
ARG SERVICE
WORKDIR /app
# Manifests alone, so that this layer changes only when dependencies do.
COPY package.json package-lock.json .npmrc ./
COPY packages/service/package.json packages/service/
COPY gateway/package.json gateway/
COPY subgraphs/task/package.json subgraphs/task/
COPY subgraphs/scheduler/package.json subgraphs/scheduler/
COPY subgraphs/notification/package.json subgraphs/notification/
COPY subgraphs/analytics/package.json subgraphs/analytics/
COPY dev/package.json dev/
COPY web/package.json web/
COPY e2e/package.json e2e/
# Nothing that production needs has an install script. Declarations, source maps and sources of packages are half of what
# npm brings, and Node reads none of them.
RUN --mount=type=cache,target=/var/cache/npm : "${SERVICE:?--build-arg SERVICE=gateway says which service}" \
  && npm ci --cache=/var/cache/npm --workspace="${SERVICE}" --omit=dev --ignore-scripts --no-fund --no-audit \
  && find . -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' \) -delete
COPY schema schema
COPY packages/service/src packages/service/src
COPY ${SERVICE}/src ${SERVICE}/src

FROM ${RUN_IMAGE}
ARG SERVICE
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=https://github.com/todo-federation/todo-federation
LABEL org.opencontainers.image.title="todo ${SERVICE}" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.source="${SOURCE}" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
# Owned by root and not writable: the process cannot change what it runs.
COPY --from=build --chown=0:0 /app /app
WORKDIR /app/${SERVICE}
USER 65532:65532
# For engines without probes of their own; Kubernetes does not look at it.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.APP_PORT ?? process.env.PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# The base's entry point is node.
CMD ["src/main.ts"]
