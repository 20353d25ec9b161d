# tillcast itself; the services it needs are given by address (docker-compose.yml, profile app).
FROM node:24.11.1-slim
ENV NODE_ENV=production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --omit=dev && npm cache clean --force
COPY . .
RUN mkdir -p output .tillcast && chown node:node output .tillcast
USER node
EXPOSE 3000
# Any answer below 500 is a living page: without the password it is 401.
HEALTHCHECK --interval=15s --timeout=5s --start-period=90s --retries=4 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/').then((r) => process.exit(r.status < 500 ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--import", "tsx", "jobs/start.ts"]
