# The bot as an image: Node, the production dependencies, the sources; no tools, no tests, no root.
#
# The base is named by its exact version, which is the one that the tests run on; `docker build` can add a digest.
# Debian's slim image and not Alpine: Node's own builds are made and tested for glibc, those for musl are
# unofficial, and a name that resolves differently is a long evening. There is no build step: Node runs
# the TypeScript sources as they are.

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Optional is only the Node for machines that have none, which the image has.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
# Half of what is left is for compilers, debuggers, browsers and the packages' own tests. Licences stay.
RUN find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
 && find node_modules -type d \( -path '*/dist/browser' -o -path '*/dist/react-native' -o -path '*/dist/workerd' -o -name test -o -name tests \) -prune -exec rm -rf {} + \
 && rm -rf node_modules/@types node_modules/undici-types node_modules/.package-lock.json

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production
# A folder, so that a changed file is seen: a single file that is mounted stays the old one.
ENV JIT_CONFIG=/etc/jit/jit.yaml
# `jit` is a command in a container of it, too: docker exec jit-bot jit doctor
ENV PATH=/app/src/cli/launcher:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json ./
# What `jit init` starts from.
COPY manifest.yml ./
COPY docs/azure-role.json ./docs/
COPY src ./src
# Everything belongs to root and nothing is written: the container's file system may be read-only.
USER node
EXPOSE 3000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/src/main.ts"]
CMD ["start"]
