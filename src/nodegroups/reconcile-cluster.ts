import type { Clock } from '../base/clock.ts'
import { asSluiceError, type SluiceError } from '../base/errors/index.ts'
import { writeStatus } from '../engine/status/write-status.ts'
import type { KubeClient } from '../kube/client/types.ts'
import { refOf } from '../kube/identity.ts'
import type { EksctlCluster } from '../specs/index.ts'
import type { GroupEffect } from './act.ts'
import { type AwsAccess, AwsClients } from './aws/clients.ts'
import { type GroupEvent, groupEvents, writeEvent } from './events.ts'
import { runPass } from './pass.ts'
import { policyOf } from './policy.ts'
import type { ConfigReader } from './read-config.ts'
import { nextStatus, type Outcome } from './status.ts'

/** Owner of the fields of the status. */
const fieldManager = 'sluice-nodegroups'

/** AWS's clients by region, made when first needed. */
export class RegionClients {
  readonly #access: Omit<AwsAccess, 'region'>
  readonly #clients = new Map<string, AwsClients>()

  constructor(access: Omit<AwsAccess, 'region'>) {
    this.#access = access
  }

  of(region: string): AwsClients {
    const found = this.#clients.get(region) ?? new AwsClients({ ...this.#access, region })
    this.#clients.set(region, found)
    return found
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) await client.close()
    this.#clients.clear()
  }
}

export interface ReconcileOptions {
  readonly client: KubeClient
  readonly object: EksctlCluster
  readonly reader: ConfigReader
  readonly regions: RegionClients
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly retryFailed: boolean
  readonly effect?: GroupEffect
  readonly onEvent?: (event: GroupEvent) => void
}

/**
 * One look at one EksctlCluster: file, AWS, what differs, status, events. What goes wrong stands in the status; only an abort
 * and trouble with the API server are thrown.
 */
export async function reconcileCluster(
  options: ReconcileOptions,
): Promise<{ readonly pending: boolean; readonly error: SluiceError | undefined }> {
  const { client, clock, signal } = options
  // What the last look found counts, so the object is read afresh: a watch may lag behind our own status.
  const object = (await client.find(refOf(options.object), { signal })) as EksctlCluster | undefined
  if (object === undefined) return { pending: false, error: undefined }
  const before = object.status?.groups ?? []
  let outcome: Outcome
  let events: GroupEvent[]
  let pending = false
  let error: SluiceError | undefined
  let revision: string | undefined
  try {
    const at = await options.reader.revisionOf(object, signal)
    revision = at.revision
    const config = await options.reader.read(object, at, signal)
    const pass = await runPass({
      aws: options.regions.of(config.metadata.region),
      config,
      policy: policyOf(object),
      previous: before,
      signal,
      retryFailed: options.retryFailed || object.status?.lastAttemptedRevision !== revision,
      ...(options.effect ? { effect: options.effect } : {}),
    })
    pending = pass.pending
    error = pass.error
    const version = config.metadata.version
    outcome = {
      groups: pass.groups,
      revision,
      region: config.metadata.region,
      ...(version === undefined ? {} : { version }),
    }
    events = groupEvents(before, pass.groups)
  } catch (thrown) {
    signal.throwIfAborted()
    error = asSluiceError(thrown)
    const message = `${error.message}. ${error.next}`
    const reason = reasonOf(error)
    outcome = { failure: { reason, message }, ...(revision === undefined ? {} : { revision }) }
    const said = object.status?.conditions?.find(condition => condition.type === 'Ready')
    events = said?.message === message ? [] : [{ type: 'Warning', reason, message }]
  }
  const status = nextStatus(object, outcome, () => clock.now())
  await writeStatus(client, object, status, fieldManager, signal)
  for (const event of events) {
    options.onEvent?.(event)
    await writeEvent(client, object, event, clock.now()).catch(() => undefined)
  }
  return { pending, error }
}

function reasonOf({ code }: SluiceError): string {
  if (code === 'E_SPEC_INVALID' || code === 'E_SPEC_SECRET') return 'BuildFailed'
  if (code === 'E_EKSCTL_SOURCE' || code === 'E_EKSCTL_CONFIG_MISSING') return 'ArtifactFailed'
  if (code === 'E_AWS_CREDENTIALS') return 'AuthenticationFailed'
  if (code === 'E_AWS_DENIED') return 'AccessDenied'
  return 'ReconciliationFailed'
}
