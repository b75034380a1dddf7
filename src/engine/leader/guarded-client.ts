import type { Guarded, KubeClient } from '../../kube/client/types.ts'

/**
 * A client whose writes first ask whether they are allowed: `check` throws when they are not. It is asked at once and
 * again when the write is about to go out, so that a process which was stopped in between writes nothing afterwards.
 * Reads always pass.
 */
export function guardWrites(client: KubeClient, check: () => void): KubeClient {
  const guarded = <O extends Guarded>(options: O | undefined): O => {
    check()
    return { ...options, allowed: check } as O
  }
  return {
    server: client.server,
    request: async options => client.request((options.method ?? 'GET') === 'GET' ? options : guarded(options)),
    resourceFor: (kind, options) => client.resourceFor(kind, options),
    resources: options => client.resources(options),
    invalidateDiscovery: () => client.invalidateDiscovery(),
    get: (ref, options) => client.get(ref, options),
    find: (ref, options) => client.find(ref, options),
    list: (kind, options) => client.list(kind, options),
    create: async (object, options) => client.create(object, guarded(options)),
    replace: async (object, options) => client.replace(object, guarded(options)),
    patch: async (ref, type, patch, options) => client.patch(ref, type, patch, guarded(options)),
    apply: async (object, options) => client.apply(object, guarded(options)),
    delete: async (ref, options) => client.delete(ref, guarded(options)),
    watch: (kind, options) => client.watch(kind, options),
    as: (user, groups) => guardWrites(client.as(user, groups), check),
    ...(client.forward === undefined
      ? {}
      : {
          forward: async request => {
            return client.forward!(request.method === 'GET' ? request : guarded(request))
          },
        }),
    ...(client.requestCounts === undefined ? {} : { requestCounts: () => client.requestCounts!() }),
    close: () => client.close(),
  }
}
