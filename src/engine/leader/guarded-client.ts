import type { KubeClient } from '../../kube/client/types.ts'

/** A client whose writes first ask whether they are allowed: `check` throws when they are not. Reads always pass. */
export function guardWrites(client: KubeClient, check: () => void): KubeClient {
  const guarded =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      check()
      return write(...args)
    }
  return {
    server: client.server,
    request: async options => {
      if ((options.method ?? 'GET') !== 'GET') check()
      return client.request(options)
    },
    resourceFor: (kind, options) => client.resourceFor(kind, options),
    resources: options => client.resources(options),
    invalidateDiscovery: () => client.invalidateDiscovery(),
    get: (ref, options) => client.get(ref, options),
    find: (ref, options) => client.find(ref, options),
    list: (kind, options) => client.list(kind, options),
    create: guarded((object, options) => client.create(object, options)),
    replace: guarded((object, options) => client.replace(object, options)),
    patch: guarded((ref, type, patch, options) => client.patch(ref, type, patch, options)),
    apply: guarded((object, options) => client.apply(object, options)),
    delete: guarded((ref, options) => client.delete(ref, options)),
    watch: (kind, options) => client.watch(kind, options),
    as: (user, groups) => guardWrites(client.as(user, groups), check),
    ...(client.forward === undefined
      ? {}
      : {
          forward: async request => {
            if (request.method !== 'GET') check()
            return client.forward!(request)
          },
        }),
    close: () => client.close(),
  }
}
