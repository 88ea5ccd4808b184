# Backscroll as an image: the bundled program, the few packages that are not in it, and nothing else. On the libc that it is tested
# with. `docker build -t backscroll .`; settings are environment variables (`docker run --rm backscroll --help`).
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json rolldown.config.ts ./
COPY scripts/bundled-licenses.ts scripts/outside-packages.ts ./scripts/
COPY loaders ./loaders
COPY resolvers ./resolvers
COPY schema ./schema
COPY src ./src
RUN npm run build && node scripts/outside-packages.ts outside

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000
WORKDIR /app
# Of embedded stores (without DATABASE_URL and CASSANDRA_URL): mount a volume here to keep them.
RUN install -d -o 1000 -g 1000 data
COPY --from=build /build/outside/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY package.json LICENSE ./
COPY docker/healthcheck.js ./docker/healthcheck.js
# The image's user `node`, by number so that Kubernetes can tell that it is not root.
USER 1000:1000
EXPOSE 4000
STOPSIGNAL SIGTERM
# That the process answers, and not that its stores do: restarting it would not bring them back.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "docker/healthcheck.js"]
ENTRYPOINT ["node", "dist/src/cli/main.js"]
CMD ["serve"]
