import type { KubeClient } from '../../kube/client/types.ts'

/** One call as it was made. */
export interface Call {
  readonly verb: 'get' | 'list' | 'create' | 'replace' | 'patch' | 'apply' | 'dry-run' | 'delete'
  /** `Kind/name`, with `/status` for the subresource. */
  readonly what: string
  /** Who it was made as, when it was not the engine itself. */
  readonly user?: string
}

/** A client that writes down each call before it passes it on. Watches and discovery are not calls. */
export function countCalls(
  client: KubeClient,
  calls: Call[],
  before?: (call: Call) => void | Promise<void>,
  user?: string,
): KubeClient {
  const note = async (made: Call): Promise<void> => {
    const call = user === undefined ? made : { ...made, user }
    calls.push(call)
    await before?.(call)
  }
  const dry = (options: { dryRun?: boolean } | undefined, verb: Call['verb']) => (options?.dryRun ? 'dry-run' : verb)
  const sub = (options: { subresource?: string } | undefined) => (options?.subresource ? `/${options.subresource}` : '')
  const nameOf = (object: { kind: string; metadata: { name?: string } }) => `${object.kind}/${object.metadata.name}`
  return {
    server: client.server,
    request: async options => {
      await note({ verb: 'list', what: options.path })
      return client.request(options)
    },
    resourceFor: (kind, options) => client.resourceFor(kind, options),
    resources: options => client.resources(options),
    invalidateDiscovery: () => client.invalidateDiscovery(),
    get: async (ref, options) => {
      await note({ verb: 'get', what: `${ref.kind}/${ref.name}` })
      return client.get(ref, options)
    },
    find: async (ref, options) => {
      await note({ verb: 'get', what: `${ref.kind}/${ref.name}` })
      return client.find(ref, options)
    },
    // Lists belong to watches; nothing else lists.
    list: (kind, options) => client.list(kind, options),
    create: async (object, options) => {
      await note({ verb: dry(options, 'create'), what: nameOf(object) })
      return client.create(object, options)
    },
    replace: async (object, options) => {
      await note({ verb: dry(options, 'replace'), what: nameOf(object) })
      return client.replace(object, options)
    },
    patch: async (ref, type, patch, options) => {
      await note({ verb: dry(options, 'patch'), what: `${ref.kind}/${ref.name}${sub(options)}` })
      return client.patch(ref, type, patch, options)
    },
    apply: async (object, options) => {
      await note({ verb: dry(options, 'apply'), what: nameOf(object) })
      return client.apply(object, options)
    },
    delete: async (ref, options) => {
      await note({ verb: dry(options, 'delete'), what: `${ref.kind}/${ref.name}` })
      return client.delete(ref, options)
    },
    watch: (kind, options) => client.watch(kind, options),
    as: (name, groups) => countCalls(client.as(name, groups), calls, before, name),
    // Calls of helm are its own.
    ...(client.forward === undefined ? {} : { forward: request => client.forward!(request) }),
    ...(client.requestCounts === undefined ? {} : { requestCounts: () => client.requestCounts!() }),
    close: () => client.close(),
  }
}
