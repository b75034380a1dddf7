import { backoffDelay } from '../../base/backoff.ts'
import { formatDuration, parseDuration } from '../../base/duration.ts'
import { isObject } from '../../base/json.ts'
import type { Condition, KubeObject } from '../../kube/object.ts'
import type { Informer } from '../../kube/watch/index.ts'
import { Secret } from '../../secrets/secret.ts'
import type { Receiver } from '../../specs/flux/receiver.ts'
import type { EngineContext } from '../context.ts'
import { finalizer, notificationManager, requestedAtAnnotation } from '../contract.ts'
import { messageOf, StepFailure } from '../failure.ts'
import { keyOf, splitKey } from '../kustomization/facts.ts'
import { Latest } from '../latest.ts'
import { countReconcile, queueMetrics } from '../metrics/queue-metrics.ts'
import { WorkQueue, type WorkResult } from '../queue/work-queue.ts'
import { Conditions } from '../status/conditions.ts'
import { addFinalizer, removeFinalizer } from '../status/finalizers.ts'
import { writeStatus } from '../status/write-status.ts'
import { type CallerRules, compileCallers, googleCaller } from './caller.ts'
import { webhookPath } from './path.ts'
import { compileFilters, type Filters } from './targets.ts'

type Status = NonNullable<Receiver['status']>
type Reason = 'spec' | 'requested' | 'secret' | 'interval'

/** A webhook that may be called. */
export interface OpenWebhook {
  readonly key: string
  readonly receiver: Receiver
  readonly token: Secret
  readonly filters: Filters
  /** For types whose callers come with a token of an issuer. */
  readonly callers: CallerRules
}

const retryBackoff = { baseMs: 750, maxMs: 60_000 }

/** Makes Receivers ready: token, path, filters, status. A changed Secret is taken up at once. */
export class ReceiverController {
  readonly #context: EngineContext
  readonly #latest: Latest<Receiver>
  readonly #owns: (object: KubeObject) => boolean
  readonly #queue: WorkQueue<Reason>
  readonly #failures = new Map<string, number>()
  readonly #open = new Map<string, OpenWebhook>()
  readonly #paths = new Map<string, string>()
  readonly #endWatch: () => void

  constructor(context: EngineContext, informer: Informer, owns: (object: KubeObject) => boolean) {
    this.#context = context
    this.#latest = new Latest(informer)
    this.#owns = owns
    this.#queue = new WorkQueue<Reason>({
      concurrency: 4,
      clock: context.clock,
      handle: key => this.#handle(key),
      onError: (key, error) => context.logger.error('Receiver not reconciled', { key, error: messageOf(error) }),
      retryMs: failures => backoffDelay(failures, retryBackoff),
      requeueReason: 'interval',
      ...queueMetrics(context.metrics, 'receiver', 4),
    })
    informer.subscribe(event => {
      const key = keyOf(event.object)
      if (event.type === 'deleted') this.#forget(key)
      else if (event.type === 'added') this.#queue.add(key, 'spec')
      else this.#changed(key, event.previous as Receiver, event.object as Receiver)
    })
    this.#endWatch = context.watches.onChange((_ref, users) => {
      for (const user of users)
        if (user.startsWith(userPrefix)) this.#queue.add(user.slice(userPrefix.length), 'secret')
    })
    for (const object of informer.list()) this.#queue.add(keyOf(object), 'spec')
  }

  /** The webhook at a path; undefined when there is none. Suspended ones are found, and say so. */
  find(path: string): OpenWebhook | undefined {
    const key = this.#paths.get(path)
    const open = key === undefined ? undefined : this.#open.get(key)
    if (open === undefined) return undefined
    const { namespace, name } = splitKey(open.key)
    const receiver = this.#latest.get(namespace, name)
    return receiver === undefined ? undefined : { ...open, receiver }
  }

  list(): readonly Receiver[] {
    return this.#latest.list()
  }

  async close(): Promise<void> {
    this.#endWatch()
    await this.#queue.close()
  }

  #changed(key: string, before: Receiver, after: Receiver): void {
    const request = (object: Receiver) => object.metadata.annotations?.[requestedAtAnnotation]
    const owned = this.#owns(before) !== this.#owns(after)
    if (request(before) !== request(after)) this.#queue.add(key, 'requested', 0)
    else if (
      owned ||
      before.metadata.generation !== after.metadata.generation ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp
    ) {
      this.#queue.add(key, 'spec')
    }
  }

  #forget(key: string): void {
    this.#queue.forget(key)
    this.#failures.delete(key)
    this.#latest.forget(key)
    this.#shut(key)
    this.#context.metrics.forget?.({ kind: 'Receiver', ...splitKey(key) })
    this.#context.watches.retain(userPrefix + key, [])
  }

  #shut(key: string): void {
    this.#open.delete(key)
    for (const [path, owner] of this.#paths) if (owner === key) this.#paths.delete(path)
  }

  async #handle(key: string): Promise<WorkResult> {
    const { namespace, name } = splitKey(key)
    const found = this.#latest.get(namespace, name)
    if (found === undefined) return {}
    const started = this.#context.clock.monotonic()
    try {
      return await (this.#owns(found) ? this.#reconcile(key, found) : this.#serve(key, found))
    } finally {
      const seconds = (this.#context.clock.monotonic() - started) / 1000
      this.#context.metrics.observe('gotk_reconcile_duration_seconds', { kind: 'Receiver', name, namespace }, seconds)
    }
  }

  /** A Receiver of another shard: its webhook is served here too, its status is left alone. */
  async #serve(key: string, receiver: Receiver): Promise<WorkResult> {
    try {
      await this.#openUp(key, receiver)
      return {}
    } catch {
      this.#shut(key)
      return { requeueAfterMs: 30_000 }
    }
  }

  async #reconcile(key: string, found: Receiver): Promise<WorkResult> {
    const { client } = this.#context
    if (found.metadata.deletionTimestamp !== undefined) {
      this.#shut(key)
      await removeFinalizer(client, found, finalizer, notificationManager)
      return {}
    }
    const object = await addFinalizer(client, found, finalizer, notificationManager)
    this.#latest.remember(object)
    if (object.spec.suspend) return {}
    const interval = parseDuration(object.spec.interval || '10m') ?? 600_000
    try {
      const path = await this.#openUp(key, object)
      this.#failures.delete(key)
      await this.#succeed(object, path, interval)
      countReconcile(this.#context.metrics, 'receiver', false)
      return { requeueAfterMs: interval }
    } catch (error) {
      if (!(error instanceof StepFailure)) throw error
      this.#shut(key)
      countReconcile(this.#context.metrics, 'receiver', true)
      await this.#fail(object, error)
      if (error.options.stalled) return {}
      const failures = (this.#failures.get(key) ?? 0) + 1
      this.#failures.set(key, failures)
      return { requeueAfterMs: backoffDelay(failures, retryBackoff) }
    }
  }

  /** Reads the token and opens the webhook; returns its path. Fails with a StepFailure. */
  async #openUp(key: string, receiver: Receiver): Promise<string> {
    const { name = '', namespace = '' } = receiver.metadata
    const { type } = receiver.spec
    let filters: Filters
    let callers: CallerRules
    try {
      filters = compileFilters(receiver.spec)
      callers = compileCallers(receiver.spec)
    } catch (error) {
      throw new StepFailure(
        'InvalidCELExpression',
        `Reconciliation failed terminally due to configuration error: ${messageOf(error)}`,
        { stalled: true },
      )
    }
    const keys = type === 'generic-oidc' ? undefined : await this.#secret(key, receiver)
    const token = Secret.of(keys === undefined ? '' : required(keys, 'token'))
    if (type === 'gcr' && keys !== undefined)
      callers = googleCaller(required(keys, 'email'), required(keys, 'audience'))
    const path = webhookPath(token, name, namespace)
    this.#shut(key)
    this.#open.set(key, { key, receiver, token, filters, callers })
    this.#paths.set(path, key)
    return path
  }

  /** The keys of the Secret, which is watched from now on. */
  async #secret(key: string, receiver: Receiver): Promise<SecretKeys> {
    const namespace = receiver.metadata.namespace ?? ''
    const name = receiver.spec.secretRef?.name ?? ''
    const where = `${namespace}/${name}`
    const ref = { group: '', version: 'v1', kind: 'Secret', namespace, name }
    this.#context.watches.retain(userPrefix + key, [ref])
    let secret: KubeObject | undefined
    try {
      secret = await this.#context.watches.read(userPrefix + key, ref)
    } catch (error) {
      throw new StepFailure('TokenNotFound', `unable to read token from secret '${where}' error: ${messageOf(error)}`)
    }
    if (secret === undefined) {
      throw new StepFailure(
        'TokenNotFound',
        `unable to read token from secret '${where}' error: Secret "${name}" not found`,
      )
    }
    return { where, data: isObject(secret['data']) ? secret['data'] : {} }
  }

  async #succeed(object: Receiver, path: string, intervalMs: number): Promise<void> {
    const conditions = this.#conditionsOf(object)
    const news = conditions.get('Ready')?.status !== 'True' || object.status?.webhookPath !== path
    conditions.set('Ready', 'True', 'Succeeded', `Receiver initialized for path: ${path}`)
    conditions.remove('Reconciling', 'Stalled')
    await this.#write(object, {
      ...object.status,
      ...handled(object),
      conditions: conditions.list() as Status['conditions'] & object,
      observedGeneration: object.metadata.generation ?? 0,
      webhookPath: path,
    })
    if (news)
      this.#tell(object, 'info', 'Succeeded', `Reconciliation finished, next run in ${formatDuration(intervalMs)}`)
  }

  async #fail(object: Receiver, failure: StepFailure): Promise<void> {
    const conditions = this.#conditionsOf(object)
    const repeated = conditions.get('Ready')?.message === failure.message
    conditions.set('Ready', 'False', failure.reason, failure.message)
    if (failure.options.stalled) {
      conditions.set('Stalled', 'True', failure.reason, failure.message)
      conditions.remove('Reconciling')
    } else {
      conditions.set('Reconciling', 'True', 'ProgressingWithRetry', failure.message)
      conditions.remove('Stalled')
    }
    const { webhookPath: _gone, ...status } = object.status ?? {}
    await this.#write(object, {
      ...status,
      ...handled(object),
      conditions: conditions.list() as Status['conditions'] & object,
      ...(failure.options.stalled ? { observedGeneration: object.metadata.generation ?? 0 } : {}),
    })
    if (!repeated) this.#tell(object, 'error', failure.reason, failure.message)
  }

  async #write(object: Receiver, status: Status): Promise<void> {
    this.#latest.remember(await writeStatus(this.#context.client, object, status, notificationManager))
  }

  #conditionsOf(object: Receiver): Conditions {
    return new Conditions(
      object.status?.conditions as readonly Condition[] | undefined,
      object.metadata.generation ?? 0,
      () => this.#context.clock.now(),
    )
  }

  #tell(object: Receiver, severity: 'info' | 'error', reason: string, message: string): void {
    const { namespace = '', name = '' } = object.metadata
    const about = { kind: 'Receiver' as const, namespace, name }
    this.#context.emit({ time: this.#context.clock.now(), severity, about, reason, message }, object)
  }
}

const userPrefix = 'receiver:'

interface SecretKeys {
  /** `namespace/name`, for messages. */
  readonly where: string
  readonly data: Readonly<Record<string, unknown>>
}

/** A key that must be there. An empty token would open the webhook to everybody. */
function required({ where, data }: SecretKeys, key: string): string {
  const value = data[key]
  const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : ''
  if (text === '') throw new StepFailure('TokenNotFound', `invalid '${where}' secret data: required fields '${key}'`)
  return text
}

function handled(object: Receiver): Status {
  const requested = object.metadata.annotations?.[requestedAtAnnotation] ?? object.status?.lastHandledReconcileAt
  return requested === undefined ? {} : { lastHandledReconcileAt: requested }
}
