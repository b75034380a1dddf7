import { SluiceError } from '../../base/errors/index.ts'
import { type FleetSync, findFleetSync } from '../../fleet/find-sync.ts'
import { type FleetRepository, repositoryOn } from '../../fleet/repository-remote.ts'
import { defaultAuthor } from '../../forges/changes/index.ts'
import type { Forge } from '../../forges/types.ts'
import { type ImportPlan, type ImportRequest, importMessage, importRepository } from '../../gitops/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { ServerContext } from '../context.ts'
import type { FleetAddDone, FleetAddPlan } from '../contract/fleet-add.ts'
import type { RunningJob } from '../jobs/jobs.ts'
import { reviewStep } from '../jobs/review-step.ts'
import { branchOf, repositoryOf } from './fleet-of.ts'
import { foundView, importSteps, refusalView } from './plan-view.ts'
import type { Agreed } from './plans.ts'
import { type AddRequest, withForge } from './with-fleet.ts'

/** The steps of a job that looks at a repository. */
export const importPlanSteps = [
  { id: 'look', title: 'read the repository, and build what it applies before and after' },
] as const

/** The steps of a job that imports one. */
export const importJobSteps = [
  { id: 'look', title: 'look at it once more, and prove that nothing that is applied changes' },
  { id: 'commit', title: 'commit what says that Sluice manages it' },
] as const

/** Looks at a repository that others made, and writes nothing. */
export async function planImport(
  context: ServerContext,
  request: AddRequest,
  job: RunningJob,
): Promise<{ readonly view: Omit<FleetAddPlan, 'plan'>; readonly agreed: Agreed | undefined }> {
  return job.during('look', () =>
    withImport(context, request, async (wanted, version, own) => {
      const plan = await importRepository({ ...wanted, dryRun: true })
      const { author } = wanted
      const target = targetOf(wanted, plan)
      const todo = plan.files.some(file => file.action === 'create')
      const view: Omit<FleetAddPlan, 'plan'> = {
        kind: 'import',
        target,
        ...(own === undefined ? {} : { cluster: redact(own) }),
        commit: {
          author: redact(`${author.name} <${author.email}>`),
          branch: plan.repository.branch,
          ...(plan.review === undefined ? {} : { review: redact(plan.review) }),
          ...(todo ? { message: importMessage.trimEnd() } : {}),
        },
        warnings: [],
        steps: importSteps(plan),
        ...(plan.refusal === undefined ? {} : { refusal: refusalView(plan.refusal) }),
        done: !todo && plan.refusal === undefined,
        found: foundView(plan),
      }
      return {
        view,
        agreed: plan.refusal === undefined ? { target, tip: plan.tip, connectionVersion: version } : undefined,
      }
    }),
  )
}

/**
 * Adds what the plan showed. A branch that has moved since is refused, unless what came is this very import.
 *
 * @throws E_BOOTSTRAP_PLAN_MOVED, E_IMPORT_…
 */
export async function applyImport(
  context: ServerContext,
  request: AddRequest,
  agreed: Agreed,
  job: RunningJob,
): Promise<FleetAddDone> {
  return withImport(context, request, async (wanted, version, own) => {
    const refuse = (object: string, expected: string, seen: string): never => {
      throw new SluiceError('E_BOOTSTRAP_PLAN_MOVED', { object, expected, seen })
    }
    if (version !== agreed.connectionVersion) refuse('the connection', 'as in the plan', 'another version of it')
    let looked = false
    const result = await job.during('look', async () => {
      const done = importRepository(
        {
          ...wanted,
          dryRun: false,
          onReview: event => job.step('commit', { state: 'running', ...reviewStep(event) }),
        },
        plan => {
          const isThere = plan.files.every(file => file.action === 'keep')
          if (!isThere && plan.tip !== agreed.tip)
            refuse(plan.repository.branch, `${agreed.tip?.slice(0, 7)}, as in the plan`, plan.tip.slice(0, 7))
          looked = true
          job.step('look', { state: 'done', detail: `at ${plan.tip.slice(0, 7)}` })
          job.step('commit', { state: 'running' })
        },
      )
      return done.catch((error: unknown) => {
        if (!looked) throw error
        return { error }
      })
    })
    if ('error' in result) return job.during('commit', () => Promise.reject(result.error))
    const { commit, pushed, pullRequest, repository } = result
    job.step('commit', {
      state: 'done',
      detail: pushed ? `${repository.branch}@${commit?.slice(0, 7)}` : 'Sluice manages it already',
    })
    job.note({ detail: { target: agreed.target }, ...(commit === undefined ? {} : { commit }) })
    context.repository.notify(commit)
    for (const topic of ['repository', 'fleet']) context.live.publish({ topic })
    return {
      kind: 'import',
      url: redact(repository.url),
      branch: repository.branch,
      ...(commit === undefined ? {} : { commit }),
      ...(pullRequest === undefined ? {} : { pullRequest }),
      own: own !== undefined,
      engineEnded: false,
    }
  })
}

async function withImport<T>(
  context: ServerContext,
  request: AddRequest,
  work: (wanted: Omit<ImportRequest, 'dryRun'>, connectionVersion: number, own: string | undefined) => Promise<T>,
): Promise<T> {
  const { wish, who, signal } = request
  const { client, clock, dataDir } = context
  return withForge(context, request, async (connection, forge) => {
    const { owner, name } = repositoryOf(wish, connection, forge)
    const repository = { forge, owner, name, remote: forge.remote(owner, name) }
    const sync = await followedBy(context, forge, repository, signal)
    const { login } = await forge.identify(signal)
    const wanted = {
      repository,
      sync,
      branch: wish.branch.trim() === '' && sync !== undefined ? sync.branch : branchOf(wish, connection),
      adopt: wish.adopt,
      dataDir,
      review: wish.byRequest ? ('always' as const) : connection.settings.review,
      author: context.repository.authorOf(who, forge.host),
      committer: defaultAuthor(login, forge.host),
      clock,
      signal,
    }
    return work(wanted, connection.version, sync === undefined ? undefined : client?.server)
  })
}

/** What the server's own cluster follows, where that is this repository; it then has to be in it. */
async function followedBy(
  { client }: ServerContext,
  forge: Forge,
  repository: FleetRepository,
  signal: AbortSignal,
): Promise<FleetSync | undefined> {
  if (client === undefined) return undefined
  try {
    const sync = await findFleetSync(client, signal)
    return repositoryOn(forge, sync.url).remote.url === repository.remote.url ? sync : undefined
  } catch {
    // It follows nothing, or a repository of another host: the repository is looked at by itself.
    signal.throwIfAborted()
    return undefined
  }
}

function targetOf({ repository }: Pick<ImportRequest, 'repository'>, plan: ImportPlan): string {
  const { owner, name, forge } = repository
  return redact(`${owner === '' ? name : `${owner}/${name}`} on ${forge.host}, branch ${plan.repository.branch}`)
}
