import type { KubeClient } from '../../kube/client/types.ts'

/** A client, and what it watches now: each watch that is open, as `Kind?labels`. */
export interface WatchingClient {
  readonly client: KubeClient
  readonly open: () => readonly string[]
}

export function countWatches(inner: KubeClient): WatchingClient {
  const open: string[] = []
  const watch: KubeClient['watch'] = async function* (kind, options) {
    const { labelSelector = '', fieldSelector = '', namespace = '' } = options
    const name = [kind.kind, namespace, labelSelector, fieldSelector].filter(Boolean).join(' ')
    open.push(name)
    try {
      yield* inner.watch(kind, options)
    } finally {
      open.splice(open.indexOf(name), 1)
    }
  }
  const client = new Proxy(inner, {
    get(target, property) {
      if (property === 'watch') return watch
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { client, open: () => [...open].sort() }
}
