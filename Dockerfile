# Two stages: npm's packages stay behind in the first, since the build puts what the program needs of them into dist/.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN npm run build

FROM node:24-slim
ENV NODE_ENV=production
ENV PORT=8080
LABEL org.opencontainers.image.title="owlcms-bridge" org.opencontainers.image.licenses="MIT"
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=build /app/dist ./dist
# The account that comes with the image. The program writes nothing, so root keeps the files.
USER node
EXPOSE 8080
# /livez, not /readyz: a broker that is down is no reason to replace the container. There is no curl in the image.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Exec form, without npm in between: the signal to stop reaches the program. With plain docker add --init.
CMD ["node", "dist/main.js", "start"]
