import { writeFile } from 'node:fs/promises'
import { SluiceError } from '../../../base/errors/index.ts'
import { refOf } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { StepFailure } from '../../failure.ts'
import { inventoryEntry, mergeInventories } from '../../kustomization/inventory.ts'
import type { Attempt, Wanted } from '../attempt.ts'
import type { HelmOutcome } from '../helm/helm.ts'
import type { PostRender } from '../helm/post-renderer.ts'
import { withStored } from '../history.ts'
import { objectsOf } from '../manifest.ts'
import { type ActionName, releaseNamespaceOf, timeoutOf } from '../settings.ts'
import type { StoredRelease } from '../storage/release.ts'

export interface ActionInput {
  readonly name: ActionName
  readonly args: readonly string[]
  readonly client: Wanted['client']
  /** Where the objects are; as the spec says when absent. */
  readonly releaseNamespace?: string
  readonly storageNamespace: string
  readonly values?: unknown
  /** Definitions that belong to what is released. */
  readonly crds?: readonly KubeObject[]
  readonly postRender?: PostRender
  /** What the history says of revisions that the action makes. */
  readonly recordAs: string
}

export interface ActionResult extends HelmOutcome {
  /** Revisions that helm stored, as they were stored last. */
  readonly stored: readonly StoredRelease[]
}

/** A whole run of helm takes at most so many of its timeouts: hooks and waits each have one. */
const timeouts = 8

/**
 * Runs helm for one action, without a worker: it mostly waits for its cluster. What helm stored goes into the history,
 * whether it succeeded or not.
 */
export async function runAction(attempt: Attempt, input: ActionInput): Promise<ActionResult> {
  const { context, work, object } = attempt
  const stored = new Map<number, StoredRelease>()
  const timeoutMs = timeoutOf(object, input.name) * timeouts + 60_000
  const newer = new AbortController()
  const endWake = work.onWake(reason => {
    if (reason === 'spec' && supersedes(attempt)) newer.abort()
  })
  let outcome: HelmOutcome
  try {
    outcome = await work.park(() =>
      context.helm.run({
        args: input.args,
        client: input.client,
        releaseNamespace: input.releaseNamespace ?? releaseNamespaceOf(object),
        storageNamespace: input.storageNamespace,
        ...(input.values === undefined ? {} : { values: input.values }),
        ...(input.postRender === undefined ? {} : { postRender: input.postRender }),
        timeoutMs,
        signal: AbortSignal.any([work.signal, newer.signal]),
        onStored: release => stored.set(release.version, release),
      }),
    )
  } catch (error) {
    if (newer.signal.aborted && !work.signal.aborted) {
      attempt.memory.observed = undefined
      record(attempt, [...stored.values()], input.recordAs)
      const { namespace, name } = object.metadata
      throw new StepFailure('HealthCheckCanceled', `New reconciliation triggered by HelmRelease/${namespace}/${name}`, {
        retryMs: 0,
      })
    }
    if (!(error instanceof SluiceError) || error.code !== 'E_TIMEOUT') throw error
    outcome = { error: 'context deadline exceeded', stdout: '', log: [] }
  } finally {
    endWake()
  }
  attempt.memory.observed = undefined
  const result = { ...outcome, stored: [...stored.values()] }
  record(attempt, result.stored, input.recordAs)
  await noteInventory(attempt, input, result.stored)
  return result
}

/**
 * Whether something else is wanted by now, so that waiting for this is no use: a way back does not wait for what is broken. The
 * revision that was made is found pending and counts as failed, as after an engine that was killed.
 */
function supersedes({ context, object }: Attempt): boolean {
  const { namespace = '', name = '', generation } = object.metadata
  const now = context.findHelmRelease(namespace, name)
  return now !== undefined && now.metadata.generation !== generation && now.spec.suspend !== true
}

/** Lists what is released now, the definitions of the chart included. */
async function noteInventory(
  { status, work }: Attempt,
  { client, crds }: ActionInput,
  stored: readonly StoredRelease[],
): Promise<void> {
  const released = stored.find(release => release.status === 'deployed')
  if (released === undefined) return
  const entriesOf = (objects: readonly KubeObject[]) => objects.map(object => inventoryEntry(refOf(object)))
  // Definitions stay whatever becomes of the release.
  const before = (status.inventory?.entries ?? []).filter(({ id }) => id.endsWith('_CustomResourceDefinition'))
  const objects = entriesOf(await objectsOf(released, client, work.signal))
  status.inventory = { entries: mergeInventories(crds === undefined ? before : entriesOf(crds), objects) }
}

/** Puts stored revisions into the history. */
export function record(attempt: Attempt, stored: readonly StoredRelease[], action: string): void {
  attempt.history = withStored(attempt.history, stored, attempt.status.lastAttemptedRevisionDigest, action)
}

/** A message with what helm logged before it failed. */
export function withLog(message: string, log: readonly string[]): string {
  return log.length === 0 ? message : `${message}\n\nLast Helm logs:\n\n${log.join('\n')}`
}

/** Puts the chart where helm can read it for the time of `work`. */
export async function withChart<T>(
  attempt: Attempt,
  { chart }: Wanted,
  work: (path: string) => Promise<T>,
): Promise<T> {
  return attempt.context.helm.withFolder(async folder => {
    const path = `${folder}/chart.tgz`
    await writeFile(path, chart.archive, { mode: 0o600 })
    return work(path)
  })
}
