import { z } from 'zod'
import { everything } from '../../access/index.ts'
import { valueAt } from '../../base/json.ts'
import { version } from '../../base/version.ts'
import { redact } from '../../secrets/secret.ts'
import { listServers } from '../../store/tables/servers.ts'
import { listSyncPasses } from '../../store/tables/sync-passes.ts'
import { findHelm } from '../../tools/index.ts'
import type { ServerContext } from '../context.ts'
import { type ServerHealth, serverHealthSchema, syncHistorySchema } from '../contract/activity.ts'
import { defineRoute } from '../http/route.ts'

const viewer = { role: 'viewer', scope: everything } as const
const mostPasses = 2000
const patienceMs = 5_000
const dayMs = 86_400_000

const readSync = defineRoute({
  method: 'get',
  path: '/api/v1/activity/sync',
  tag: 'activity',
  summary: 'How long revisions of the fleet took from being fetched to being live, oldest first',
  needs: viewer,
  query: z.object({ days: z.coerce.number().int().min(1).max(90).default(7) }),
  answer: syncHistorySchema,
  async handle({ context, query }) {
    const since = new Date(context.clock.now().getTime() - query.days * dayMs).toISOString()
    const rows = await listSyncPasses(context.store.db, since, mostPasses)
    const after = (from: string, to: string | null) => (to === null ? undefined : Date.parse(to) - Date.parse(from))
    const newest = new Map(rows.map(row => [row.applier, row.revision]))
    const passes = rows.map(({ applier, revision, fetched_at, applied_at, ready_at }) => {
      const [appliedMs, readyMs] = [after(fetched_at, applied_at), after(fetched_at, ready_at)]
      return {
        ...{ applier, revision, fetchedAt: fetched_at },
        overtaken: ready_at === null && newest.get(applier) !== revision,
        ...(appliedMs === undefined ? {} : { appliedMs }),
        ...(readyMs === undefined ? {} : { readyMs }),
      }
    })
    const times = passes.flatMap(one => (one.readyMs === undefined ? [] : [one.readyMs])).sort((a, b) => a - b)
    return { passes, ...(times.length === 0 ? {} : { p50: quantile(times, 0.5), p95: quantile(times, 0.95) }) }
  },
})

/** The nearest rank: a time that was really taken. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0
}

type Part = ServerHealth['parts'][number]

const readHealth = defineRoute({
  method: 'get',
  path: '/api/v1/activity/health',
  tag: 'activity',
  summary: 'What the server is made of, and whether each part works',
  needs: viewer,
  answer: serverHealthSchema,
  async handle({ context }) {
    const [servers, ...parts] = await Promise.all([
      listServers(context.store.db),
      storePart(context),
      clusterPart(context),
      enginePart(context),
      helmPart(),
    ])
    return {
      version,
      node: process.versions.node,
      startedAt: new Date(Date.now() - process.uptime() * 1000).toISOString(),
      servers: servers.map(one => ({ id: one.id, startedAt: one.started_at, self: one.id === context.serverId })),
      tabs: context.live.listeners,
      parts,
    }
  },
})

async function storePart({ store }: ServerContext): Promise<Part> {
  const about = { id: 'store', title: 'Store', what: store.kind === 'sqlite' ? 'SQLite' : 'PostgreSQL' } as const
  const why = store.trouble()
  return store.ping().then(
    () =>
      why === undefined
        ? { ...about, state: 'agreed' }
        : { ...about, state: 'broken', detail: `It takes no writes: ${why}. Nothing is changed until it does.` },
    error => ({ ...about, state: 'broken', detail: words(error) }),
  )
}

async function clusterPart({ client, reconciliation }: ServerContext): Promise<Part> {
  const about = { id: 'cluster', title: 'Cluster' } as const
  if (client === undefined)
    return { ...about, state: 'paused', what: 'none', detail: 'The server was started without one.' }
  const trouble = reconciliation?.trouble
  if (trouble !== undefined) return { ...about, state: 'broken', what: client.server, detail: redact(trouble) }
  return client.request<{ gitVersion?: string }>({ path: '/version', signal: AbortSignal.timeout(patienceMs) }).then(
    answer => ({ ...about, state: 'agreed', what: `Kubernetes ${String(answer.gitVersion ?? '')}`.trim() }),
    error => ({ ...about, state: 'broken', what: client.server, detail: words(error) }),
  )
}

/** Who holds the engine's Lease; a holder that no longer renews it is gone. */
async function enginePart({ client, clock }: ServerContext): Promise<Part> {
  const about = { id: 'engine', title: 'Engine' } as const
  if (client === undefined) return { ...about, state: 'paused', what: 'none' }
  try {
    const { items } = await client.list(
      { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' },
      { signal: AbortSignal.timeout(patienceMs) },
    )
    const leases = items.filter(one => /^sluice-engine(-|$)/.test(one.metadata.name ?? ''))
    const [newest] = leases.sort((a, b) => (renewedAt(a) < renewedAt(b) ? 1 : -1))
    if (newest === undefined) {
      const detail = 'No engine of Sluice has led on this cluster. Flux may be there instead.'
      return { ...about, state: 'attention', what: 'no Lease', detail }
    }
    const holder = String(valueAt(newest, ['spec', 'holderIdentity']) ?? '').slice(0, 200)
    const seconds = Number(valueAt(newest, ['spec', 'leaseDurationSeconds']) ?? 15)
    const late = clock.now().getTime() - Date.parse(renewedAt(newest)) > seconds * 2000
    if (holder === '' || late) {
      const detail = `Its Lease was last renewed at ${renewedAt(newest)}: nothing is reconciled until an engine runs.`
      return { ...about, state: 'broken', what: 'nobody leads', detail }
    }
    return { ...about, state: 'agreed', what: leases.length > 1 ? `${leases.length} shards` : 'leads', detail: holder }
  } catch (error) {
    return { ...about, state: 'attention', what: 'not known', detail: words(error) }
  }
}

const renewedAt = (lease: unknown): string => String(valueAt(lease, ['spec', 'renewTime']) ?? '')

let helm: { readonly at: number; readonly part: Promise<Part> } | undefined
const helmKeptMs = 60_000

/** Finding helm runs it: not for everyone who looks. */
function helmPart(): Promise<Part> {
  const now = performance.now()
  if (helm === undefined || now - helm.at > helmKeptMs) helm = { at: now, part: lookForHelm() }
  return helm.part
}

async function lookForHelm(): Promise<Part> {
  const about = { id: 'helm', title: 'helm' } as const
  return findHelm(process.env, AbortSignal.timeout(patienceMs)).then(
    found => ({ ...about, state: 'agreed', what: `helm ${found.version}`, detail: `from ${found.from}` }),
    error => ({ ...about, state: 'attention', what: 'not found', detail: words(error) }),
  )
}

const words = (error: unknown): string => redact(error instanceof Error ? error.message : String(error)).slice(0, 1000)

export const activityRoutes = [readSync, readHealth]
