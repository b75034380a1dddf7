# The image of Sluice: the engine in a cluster (docs/guides/engine-in-cluster.md), and every command.
#
#   docker build -t registry.example.com/sluice:0.1.0 .
#
# For a build that gives the same image again, pin the base by digest: node:22-bookworm-slim@sha256:… (docker buildx
# imagetools inspect node:22-bookworm-slim shows it).
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN node scripts/build.mjs

FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Only what runs. No package needs a script of its own at installation.
RUN npm ci --omit=dev --ignore-scripts

# helm is needed for HelmReleases alone: mount it into the PATH, or copy it in here from an image that has it.
FROM ${NODE_IMAGE}
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates git openssh-client \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY charts ./charts
COPY package.json LICENSE ./
ENV NODE_ENV=production
# A number, so that Kubernetes can see that it is not root; the same as in the Deployment.
USER 1337:1337
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["engine"]
