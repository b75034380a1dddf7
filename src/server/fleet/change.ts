import type { Principal } from '../../access/index.ts'
import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import { openConnection } from '../../connections/index.ts'
import type { EditRequest } from '../../fleet/edit-cluster.ts'
import { fleetRepository } from '../../fleet/repository-remote.ts'
import type { ScalePlan, ScaleRequest } from '../../fleet/scale.ts'
import type { Forge } from '../../forges/types.ts'
import { redact } from '../../secrets/secret.ts'
import type { ServerContext } from '../context.ts'
import type { FleetChange } from '../contract/fleet.ts'
import { requireGate } from '../require-gate.ts'
import { fleetScope } from './scope.ts'

/** Follows no longer than this: machines come in minutes. */
const followMs = 60 * 60_000

export type ChangeRequest = Omit<EditRequest, 'edit'>

/**
 * Runs a change of a cluster's file as a person, with the connection that the gate names for it. The forge is closed
 * when the work ends.
 *
 * @throws E_GATE_CLOSED, E_FLEET_NO_SYNC, and what the work throws
 */
export async function withChange<T>(
  context: ServerContext,
  wish: {
    readonly cluster: string
    readonly byRequest: boolean
    readonly who: Principal
    readonly signal: AbortSignal
  },
  work: (request: ChangeRequest & Omit<ScaleRequest, 'targets'>, forge: Forge) => Promise<T>,
): Promise<T> {
  const { client, connections, clock, logger, dataDir, repository } = context
  const connection = await requireGate(context, fleetScope(wish.cluster))
  if (client === undefined) throw new SluiceError('E_FLEET_NO_SYNC', { object: 'this server', seen: 'no cluster' })
  const forge = openConnection(connection, await connections.credential(connection.id), { clock, logger })
  try {
    return await work(
      {
        client,
        cluster: wish.cluster,
        repositoryFor: url => fleetRepository(forge, url),
        review: wish.byRequest ? 'always' : connection.settings.review,
        dataDir,
        author: repository.authorOf(wish.who, forge.host),
        clock,
        signal: wish.signal,
        timeoutMs: followMs,
      },
      forge,
    )
  } finally {
    await forge.close()
  }
}

/** Works out a change without making it: what is refused is part of the answer, as far as it came. */
export async function previewOf(
  work: (onPlan: (plan: ScalePlan) => void) => Promise<unknown>,
  problems: FleetChange['problems'] = [],
): Promise<FleetChange> {
  let plan: ScalePlan | undefined
  try {
    await work(found => {
      plan = found
    })
    return { ...(plan === undefined ? {} : { plan: planView(plan) }), problems }
  } catch (error) {
    const problem = asSluiceError(error)
    // What is wrong with the host or the cluster is no answer to the wish.
    if (!problem.code.startsWith('E_FLEET_') && !problem.code.startsWith('E_EKSCTL_')) throw error
    const { expected, seen } = problem.facts
    return {
      ...(plan === undefined ? {} : { plan: planView(plan) }),
      refusal: {
        code: problem.code,
        message: redact(problem.message),
        next: redact(problem.next),
        ...(expected === undefined ? {} : { expected: redact(expected) }),
        ...(seen === undefined ? {} : { seen: redact(seen) }),
      },
      problems,
    }
  }
}

function planView({ path, branch, diff, message, counts, guardrails, review }: ScalePlan) {
  return {
    path,
    branch,
    diff: redact(diff.slice(0, 64 * 1024)),
    message: redact((message ?? '').trimEnd()),
    counts: counts.map(one => ({ ...one })),
    guardrails: (guardrails ?? []).map(one => ({ ...one })),
    ...(review === undefined ? {} : { review: redact(review) }),
  }
}
