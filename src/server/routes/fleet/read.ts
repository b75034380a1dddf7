import { z } from 'zod'
import { allows, type Principal } from '../../../access/index.ts'
import { SluiceError } from '../../../base/errors/index.ts'
import type { SizesFile } from '../../../fleet/group-history.ts'
import type { ClusterRow } from '../../../fleet/types.ts'
import { redact } from '../../../secrets/secret.ts'
import { refusePlainSecrets } from '../../../sops/index.ts'
import type { ServerContext } from '../../context.ts'
import {
  type ClusterFile,
  clusterDetailsSchema,
  clusterFileSchema,
  fleetSchema,
  type SizeHistory,
  sizeHistorySchema,
} from '../../contract/fleet.ts'
import { eventsOf } from '../../fleet/events.ts'
import { fileVersion } from '../../fleet/file-version.ts'
import type { GitAnswer, GitHalf } from '../../fleet/git-half.ts'
import { fleetScope } from '../../fleet/scope.ts'
import { clusterView, conditionsOf, nodesOf } from '../../fleet/view.ts'
import { defineRoute } from '../../http/route.ts'
import { commitUrl } from '../../repository/index.ts'

/** The first answer of the cluster is waited for so long. */
const patienceMs = 2000
const mostText = 512 * 1024

export const clusterParams = z.object({ namespace: z.string().max(253), name: z.string().max(253) })
/** What they may not see is not there, in the words of what is not. */
const inCluster = ({
  params,
  who,
}: {
  readonly params: { readonly namespace: string; readonly name: string }
  readonly who: Principal
}) => {
  const scope = fleetScope(params.name)
  if (!allows(who.grants, 'viewer', scope)) throw notThere(params)
  return scope
}
export const viewerOf = { role: 'viewer', scope: inCluster } as const
export const operatorOf = { role: 'operator', scope: inCluster } as const

export const readFleetRoute = defineRoute({
  method: 'get',
  path: '/api/v1/fleet',
  tag: 'fleet',
  summary: 'Clusters and node groups: what Git says, what the cluster wants, what is Ready',
  description: 'The fleet is the project `fleet`, each cluster an environment of it. Live topic `fleet`.',
  needs: { role: 'viewer', scope: 'somewhere' },
  answer: fleetSchema,
  async handle({ context, who }) {
    const { watch, git } = context.fleet
    if (!watch.exists) return { state: 'none' as const, clusters: [], git: { state: 'reading' as const } }
    await watch.ready(patienceMs)
    const all = watch.rows()
    const answer = all === undefined ? ({ state: 'reading' } as const) : await git.of(all, watch.eksctl())
    const half = answer.state === 'ready' ? answer.half : undefined
    const seen = (all ?? []).filter(row => allows(who.grants, 'viewer', fleetScope(row.name)))
    return {
      state: all === undefined ? ('connecting' as const) : ('ready' as const),
      clusters: seen.map(row => clusterView(row, half, context.clock.now())),
      ...(watch.trouble === undefined ? {} : { trouble: watch.trouble }),
      git: gitView(answer),
    }
  },
})

function gitView(answer: GitAnswer) {
  if (answer.state === 'reading') return { state: answer.state }
  if (answer.state === 'problem') {
    return { state: answer.state, problem: problemView(answer.problem) }
  }
  const { guardrails, state } = answer.half
  return {
    state: answer.state,
    url: redact(state.sync.url),
    branch: state.sync.branch,
    tip: state.tip,
    ...(guardrails instanceof SluiceError ? { guardrails: problemView(guardrails) } : {}),
  }
}

const problemView = ({ code, message, next }: SluiceError) => ({ code, message: redact(message), next: redact(next) })

export const readCluster = defineRoute({
  method: 'get',
  path: '/api/v1/fleet/clusters/{namespace}/{name}',
  tag: 'fleet',
  summary: 'One cluster: its groups, nodes and conditions',
  needs: viewerOf,
  params: clusterParams,
  answer: clusterDetailsSchema,
  async handle({ context, params }) {
    const { watch, git } = context.fleet
    const row = await rowOf(context, params)
    const answer = await git.of(watch.rows() ?? [], watch.eksctl())
    const nodes = nodesOf(row, watch.nodes())
    return {
      cluster: clusterView(row, answer.state === 'ready' ? answer.half : undefined, context.clock.now()),
      nodes,
      conditions: conditionsOf(watch.object(params.namespace, params.name)),
      events: eventsOf(
        row,
        watch.rows() ?? [],
        new Set(nodes.map(one => one.name)),
        context.reconciliation?.events() ?? [],
      ),
    }
  },
})

export const readHistory = defineRoute({
  method: 'get',
  path: '/api/v1/fleet/clusters/{namespace}/{name}/history',
  tag: 'fleet',
  summary: 'The commits that changed sizes of a cluster, newest first',
  needs: viewerOf,
  params: clusterParams,
  query: z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) }),
  answer: sizeHistorySchema,
  async handle({ context, params, query }): Promise<SizeHistory> {
    const { half, file } = await inGit(context, params)
    const { commits, more } = await context.fleet.git.history(half, file, query.limit)
    return {
      more,
      commits: commits.map(({ commit, changes }) => {
        const url = commitUrl(half.state.connection, half.state.sync.url, commit.sha)
        const reverts = /^This reverts commit ([0-9a-f]{40})\.?$/m.exec(commit.body)?.[1]
        return {
          sha: commit.sha,
          subject: redact(commit.subject.slice(0, 500)),
          author: redact(commit.author.name.slice(0, 200)),
          date: commit.date,
          ...(url === undefined ? {} : { url }),
          changes: changes.map(one => ({ ...one })),
          ...(reverts === undefined ? {} : { reverts }),
        }
      }),
    }
  },
})

export const readFile = defineRoute({
  method: 'get',
  path: '/api/v1/fleet/clusters/{namespace}/{name}/file',
  tag: 'fleet',
  summary: 'The file of a cluster at the tip of the repository',
  needs: viewerOf,
  params: clusterParams,
  answer: clusterFileSchema,
  handle: async ({ context, params }) => fileText(context, params),
})

/** The text as it is in Git; one that holds a plain Secret is not shown. */
export async function fileText(
  context: ServerContext,
  params: { readonly namespace: string; readonly name: string },
): Promise<ClusterFile> {
  const { half, file } = await inGit(context, params)
  const text = (await half.state.tree.read(file.path))?.toString('utf8')
  const withheld = text !== undefined && (text.length > mostText || holdsSecret(file.path, text))
  if (text === undefined || withheld) {
    throw new SluiceError('E_NOT_FOUND', {
      object: file.path,
      expected: 'a text without Secrets, of at most 512 KiB',
      seen: text === undefined ? 'no such file' : 'one that is not shown here',
      next: 'Change it in a clone of the repository.',
    })
  }
  return { path: file.path, text, version: fileVersion(text), commit: half.state.tip }
}

/** Whether a file holds what must not be read here: a plain Secret, however it is written, or a text in the shape of a token. */
function holdsSecret(path: string, content: string): boolean {
  if (/^kind:\s*['"]?Secret\b/m.test(content)) return true
  try {
    refusePlainSecrets([{ path, content }])
    return false
  } catch {
    return true
  }
}

/** The row of a cluster that is there. Fails with E_NOT_FOUND. */
export async function rowOf(
  { fleet: { watch } }: ServerContext,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<ClusterRow> {
  await watch.ready(patienceMs)
  const row = watch.rows()?.find(one => one.namespace === namespace && one.name === name)
  if (row === undefined) throw notThere({ namespace, name })
  return row
}

function notThere({ namespace, name }: { readonly namespace: string; readonly name: string }): SluiceError {
  return new SluiceError('E_NOT_FOUND', { object: `cluster ${namespace}/${name}` })
}

async function inGit(
  context: ServerContext,
  params: { readonly namespace: string; readonly name: string },
): Promise<{ readonly half: GitHalf; readonly file: SizesFile }> {
  await rowOf(context, params)
  const { watch, git } = context.fleet
  const half = await git.now(watch.rows() ?? [], watch.eksctl())
  const known = half.clusters.get(`${params.namespace}/${params.name}`)
  if (known === undefined) {
    throw new SluiceError('E_NOT_FOUND', {
      object: `cluster ${params.namespace}/${params.name} in Git`,
      expected: `a file of it in ${half.state.sync.url}`,
      next: 'It was not made by a commit: see `sluice import` and `sluice bootstrap`.',
    })
  }
  return { half, file: known.file }
}
