import { fluxKindOf } from '../fleet/flux-kinds.ts'
import { sourceRefOf } from '../fleet/source-ref.ts'
import { ownerOf, textAt } from '../insight/flux-objects.ts'
import { fluxStand, type GraphWatch, revisionOf } from '../insight/graph/index.ts'
import { formatRef, refKey, refOf } from '../kube/identity.ts'
import { deleteSyncPassesBefore, insertSyncPass, markSyncPass } from '../store/tables/sync-passes.ts'
import type { ServerContext } from './context.ts'

const keptDays = 90
const dayMs = 86_400_000

/**
 * Writes down when each revision was fetched, applied and Ready, for the Kustomizations that nothing else applied: the way
 * of the fleet's commits. A revision that was applied before the server began to look is left out: nobody saw its times.
 */
export function recordSync(context: ServerContext, watch: GraphWatch): void {
  const { store, clock, logger, live } = context
  const sources = new Map<string, string>()
  const roots = new Map<string, Root>()
  let last: Promise<void> = Promise.resolve()
  // One after the other: a stage is marked on the row that the one before has made.
  const write = (work: () => Promise<void>): void => {
    last = last.then(work).catch(error => {
      if (!context.signal.aborted) logger.warn('the way of a commit was not written down', { error: String(error) })
    })
  }
  const look = (root: Root): void => {
    const wanted = sources.get(root.source)
    if (wanted === undefined) return
    const at = clock.now().toISOString()
    const pass = { applier: root.applier, revision: wanted }
    if (root.fetched !== wanted) {
      const isFirst = root.fetched === undefined
      root.fetched = wanted
      // Its times were not seen.
      if (isFirst || root.revision === wanted) root.applied = root.ready = wanted
      else write(() => insertSyncPass(store.db, { ...pass, fetched_at: at }))
    }
    if (root.revision !== wanted) return
    if (root.applied !== wanted) {
      root.applied = wanted
      write(() => markSyncPass(store.db, pass, 'applied_at', at))
    }
    if (root.isReady && root.ready !== wanted) {
      root.ready = wanted
      write(() => markSyncPass(store.db, pass, 'ready_at', at))
      write(async () => live.publish({ topic: 'activity' }))
    }
  }
  watch.onFlux((object, deleted) => {
    const key = refKey(refOf(object))
    const kind = fluxKindOf(refOf(object))
    if (kind?.role === 'source') {
      const revision = revisionOf(object)
      if (revision === undefined || revision === sources.get(key)) return
      sources.set(key, revision)
      for (const root of roots.values()) if (root.source === key) look(root)
      return
    }
    const source = sourceRefOf(object)
    if (deleted || kind?.kind !== 'Kustomization' || source === undefined || ownerOf(object) !== undefined) {
      roots.delete(key)
      return
    }
    const root = roots.get(key) ?? {
      applier: formatRef(refOf(object)),
      source: '',
      revision: undefined,
      isReady: false,
    }
    roots.set(key, root)
    root.source = refKey(source)
    root.revision = textAt(object, 'status', 'lastAppliedRevision')
    root.isReady = fluxStand(object, kind).state === 'agreed'
    look(root)
  })
  context.periodic.add('forget old passes', dayMs, async () => {
    await deleteSyncPassesBefore(store.db, new Date(clock.now().getTime() - keptDays * dayMs).toISOString())
  })
}

/** A Kustomization that nothing else applied, and how far it is. */
interface Root {
  readonly applier: string
  source: string
  /** What it applied last. */
  revision: string | undefined
  isReady: boolean
  /** The last revision that came to each stage. */
  fetched?: string
  applied?: string
  ready?: string
}
