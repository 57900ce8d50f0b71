# Waystation in a container, as its own user, with the log in a volume.
#
#   docker build -t waystation .
#   docker run -e WAYSTATION_KEY=wk_... -p 127.0.0.1:8787:8787 -v waystation:/data waystation
#
# In a container it has to listen on all addresses, so it wants a client key: "wk_" and 16 characters or more. A model server of the
# host is reached as http://host.docker.internal:PORT (Linux: add --add-host=host.docker.internal:host-gateway). For a configuration
# of your own, mount it over /etc/waystation/config.yaml.

FROM node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The image has its Node; the ones that npm would bring along are left out.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:26-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE config.schema.json ./
COPY src ./src
COPY providers ./providers
RUN mkdir -p /etc/waystation /data \
  && printf '%s\n' 'server:' '  host: 0.0.0.0' '  port: 8787' '  keys: ["${WAYSTATION_KEY}"]' 'data_dir: /data' > /etc/waystation/config.yaml \
  && chown node:node /data
USER node
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8787/health').then((reply) => process.exit(reply.ok ? 0 : 1), () => process.exit(1))"]
# As `npm start` does. Signals reach Node itself: SIGTERM lets running turns finish.
ENTRYPOINT ["node", "--max-semi-space-size=16", "src/main.ts"]
CMD ["serve", "--config", "/etc/waystation/config.yaml"]
