import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/log.ts'
import type { KubeClient } from '../../src/kube/client/types.ts'
import { createInformer } from '../../src/kube/watch/index.ts'
import type { FluxRun } from './flux-stand-in.ts'

/** A time in which an engine of Sluice may write; it goes on while `to` is absent. */
interface Span {
  readonly what: string
  readonly from: number
  to?: number
}

interface LeaseSpec {
  readonly holderIdentity?: string | null
  readonly leaseDurationSeconds?: number
  readonly acquireTime?: string
  readonly renewTime?: string
}

/** Says where an engine of Sluice and a process of Flux could act at the same time. */
export interface OverlapWatch {
  /** A client for an engine of Sluice, whose writes are kept in mind with their times. */
  writingClient(client: KubeClient): KubeClient
  /** Says that every engine but this one is dead by now: what stands in a Lease of theirs holds nobody any more. */
  onlyAlive(identity: string): void
  /** Overlaps since the last `clear`, in words: a write or a good Lease of Sluice while a process of Flux ran. */
  found(): string[]
  /** Forgets what is over. */
  clear(): void
  stop(): void
}

/**
 * All times are of this machine. A Lease holds from its `acquireTime` until it was given back, ran out, or its process died;
 * a process of Flux counts from before it is started until it has ended, whether it leads or not.
 */
export async function watchOverlap(client: KubeClient, runs: readonly FluxRun[]): Promise<OverlapWatch> {
  const kind = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' }
  const informer = createInformer(
    client,
    kind,
    { namespace: 'kube-system' },
    { clock: systemClock, logger: silentLogger },
  )
  let writes: Span[] = []
  let holds: (Span & { readonly holder: string })[] = []
  let hold: { readonly holder: string; readonly from: number; until: number } | undefined
  const deaths: { readonly at: number; readonly but: string }[] = []
  const endHold = (at: number) => {
    if (hold === undefined) return
    const { holder, from, until } = hold
    holds.push({ what: `the Lease of ${holder}`, holder, from, to: Math.min(at, until) })
    hold = undefined
  }
  const diedAt = (holder: string, from: number) =>
    deaths.find(death => death.but !== holder && death.at >= from)?.at ?? Infinity
  informer.subscribe(({ object }) => {
    if (object.metadata.name !== 'sluice-engine') return
    const spec = (object['spec'] ?? {}) as LeaseSpec
    const renewed = Date.parse(spec.renewTime ?? '')
    const holder = spec.holderIdentity ?? ''
    if (hold !== undefined && hold.holder !== holder) endHold(renewed)
    if (holder === '') return
    const until = renewed + (spec.leaseDurationSeconds ?? 15) * 1000
    if (hold === undefined) hold = { holder, from: Date.parse(spec.acquireTime ?? ''), until }
    else hold.until = until
  })
  await informer.synced
  const written = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const span: Span = { what, from: Date.now() }
    writes.push(span)
    try {
      return await work
    } finally {
      span.to = Date.now()
    }
  }
  const writingClient = (inner: KubeClient): KubeClient => ({
    server: inner.server,
    request: options => {
      const { method = 'GET', path } = options
      return method === 'GET' ? inner.request(options) : written(`${method} ${path}`, inner.request(options))
    },
    resourceFor: (kind, options) => inner.resourceFor(kind, options),
    resources: options => inner.resources(options),
    invalidateDiscovery: () => inner.invalidateDiscovery(),
    get: (ref, options) => inner.get(ref, options),
    find: (ref, options) => inner.find(ref, options),
    list: (kind, options) => inner.list(kind, options),
    watch: (kind, options) => inner.watch(kind, options),
    create: (object, options) => told('create', object, inner.create(object, options)),
    replace: (object, options) => told('replace', object, inner.replace(object, options)),
    apply: (object, options) => told('apply', object, inner.apply(object, options)),
    patch: (ref, type, patch, options) =>
      written(`patch ${ref.kind}/${ref.name}`, inner.patch(ref, type, patch, options)),
    delete: (ref, options) => written(`delete ${ref.kind}/${ref.name}`, inner.delete(ref, options)),
    as: (user, groups) => writingClient(inner.as(user, groups)),
    close: () => inner.close(),
  })
  // Leases are seen by their own times.
  const told = <T>(
    verb: string,
    object: { kind: string; metadata: { name?: string } },
    work: Promise<T>,
  ): Promise<T> => (object.kind === 'Lease' ? work : written(`${verb} ${object.kind}/${object.metadata.name}`, work))
  return {
    writingClient,
    onlyAlive: identity => void deaths.push({ at: Date.now(), but: identity }),
    found: () => {
      const now = Date.now()
      const held = hold && { ...hold, what: `the Lease of ${hold.holder}`, to: Math.min(now, hold.until) }
      const leases = [...holds, ...(held ? [held] : [])].map(
        (one): Span => ({ ...one, to: Math.min(one.to ?? now, diedAt(one.holder, one.from)) }),
      )
      return runs.flatMap(run =>
        [...writes, ...leases]
          .filter(({ from, to = now }) => from < (run.to?.getTime() ?? now) && run.from.getTime() < to)
          .map(({ what, from }) => `${what}, ${from - run.from.getTime()} ms after ${run.pod} began`),
      )
    },
    clear: () => {
      const now = Date.now()
      writes = writes.filter(({ to }) => to === undefined)
      holds = []
      // A Lease that is held goes on; what of it lies behind was looked at.
      if (hold) hold = { ...hold, from: now }
    },
    stop: () => informer.stop(),
  }
}
