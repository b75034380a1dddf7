import { z } from 'zod'
import type { Principal } from '../../../access/index.ts'
import { appLabels, deploymentName } from '../../../apps/index.ts'
import { isObject, valueAt } from '../../../base/json.ts'
import { Semaphore } from '../../../base/semaphore.ts'
import { maskSecrets } from '../../../engine/index.ts'
import { compareWithGit, type GraphNode } from '../../../insight/graph/index.ts'
import { placeInGit } from '../../../insight/place-in-git.ts'
import { traceObject } from '../../../insight/trace.ts'
import { explain, sentenceOf } from '../../../insight/why.ts'
import { type ObjectRef, refKey } from '../../../kube/identity.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { stringifyYaml } from '../../../kube/yaml/index.ts'
import { redact } from '../../../secrets/secret.ts'
import type { ServerContext } from '../../context.ts'
import { objectDetailSchema, objectDiffSchema, type WhyView, whySchema } from '../../contract/reconciliation.ts'
import { defineRoute } from '../../http/route.ts'
import { eventsFor, nameOf, nodeOf, rowOf, scopeOf, sees, watchOf } from './view.ts'

const params = z.object({ id: z.string().min(1).max(2000) })
type Params = z.infer<typeof params>

/** A person of this role, where the object is. */
export const objectNeeds = (role: 'viewer' | 'operator') =>
  ({
    role,
    scope: ({
      context,
      who,
      params: { id },
    }: {
      readonly context: ServerContext
      readonly who: Principal
      readonly params: Params
    }) => scopeOf(nodeOf(context, id, who)),
  }) as const

const longestYaml = 300_000
/** Comparisons and explanations ask the API server and Git for much: few run at once. */
const costly = new Semaphore(4)
const patienceMs = 60_000

const deadline = (context: ServerContext): AbortSignal =>
  AbortSignal.any([context.signal, AbortSignal.timeout(patienceMs)])

export const readObject = defineRoute({
  method: 'get',
  path: '/api/v1/reconciliation/objects/{id}',
  tag: 'reconciliation',
  summary: 'One object: conditions, events, who writes it, where it came from; values of Secrets masked',
  needs: objectNeeds('viewer'),
  params,
  answer: objectDetailSchema,
  async handle({ context, who, params: { id } }) {
    const node = nodeOf(context, id)
    const watch = watchOf(context)
    const signal = deadline(context)
    const live = await context.client!.find(node.ref, { signal })
    const trace = live === undefined ? [] : await traceOf(context, live, who, signal)
    return {
      row: rowOf(node, watch.snapshot()),
      mayAct: sees(who, node, 'operator') && node.role !== 'object',
      conditions: live === undefined ? [] : conditionsOf(live),
      events: eventsFor(watch, who, 50, node.key),
      trace,
      ...(live?.metadata.creationTimestamp === undefined ? {} : { createdAt: live.metadata.creationTimestamp }),
      managers: (live?.metadata.managedFields ?? []).slice(0, 50).map(one => ({
        manager: one.manager ?? '',
        operation: one.operation ?? '',
        at: one.time ?? '',
        part: one.subresource ?? '',
      })),
      ...(live === undefined ? {} : { yaml: yamlOf(live) }),
    }
  },
})

async function traceOf(context: ServerContext, live: KubeObject, who: Principal, signal: AbortSignal) {
  const { nodes } = watchOf(context).snapshot()
  const { stations } = await traceObject(context.client!, live, signal)
  return stations.map(({ ref, facts }) => ({
    object: nameOf(ref),
    // What one may not see is named, because the object names it, and no more.
    facts: sees(who, nodes.get(refKey(ref)))
      ? facts.map(([name, value]) => ({ name, value: redact(value.replace(/\/\/[^/@]*@/, '//')).slice(0, 4000) }))
      : [],
  }))
}

function conditionsOf(object: KubeObject) {
  const list = valueAt(object, ['status', 'conditions'])
  const text = (value: unknown) =>
    typeof value === 'string' && value !== '' ? redact(value).slice(0, 4000) : undefined
  return (Array.isArray(list) ? list.filter(isObject) : []).slice(0, 50).map(one => {
    const [reason, message, since] = [text(one['reason']), text(one['message']), text(one['lastTransitionTime'])]
    return {
      type: text(one['type']) ?? '',
      status: text(one['status']) ?? '',
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined ? {} : { message }),
      ...(since === undefined ? {} : { since }),
    }
  })
}

function yamlOf(object: KubeObject): string {
  const { managedFields: _, ...metadata } = object.metadata
  const text = redact(stringifyYaml(maskSecrets({ ...object, metadata })))
  return text.length > longestYaml
    ? `${text.slice(0, longestYaml)}\n# cut here: it is longer than this page shows\n`
    : text
}

export const diffObject = defineRoute({
  method: 'get',
  path: '/api/v1/reconciliation/objects/{id}/diff',
  tag: 'reconciliation',
  summary: 'An object held against Git: what applying it again would change, with the manager of each field',
  description: 'Found out by a dry run of the API server. Nothing is changed; values of Secrets are masked.',
  needs: objectNeeds('viewer'),
  params,
  answer: objectDiffSchema,
  async handle({ context, params: { id } }) {
    const node = nodeOf(context, id)
    const { nodes } = watchOf(context).snapshot()
    const owner = node.owner === undefined ? undefined : nodes.get(node.owner)?.ref
    const signal = deadline(context)
    const client = context.client!
    const found = await costly.run(async () => {
      const live = await client.find(node.ref, { signal })
      return compareWithGit(client, node.ref, live, owner, signal)
    })
    if (found.kind === 'unknown') return { why: found.why, drifts: [] }
    const { action, drifts, live, wanted, against, message } = found
    return {
      action,
      against,
      drifts: drifts.slice(0, 200).map(({ path, before, after, by }) => ({
        path: path.slice(0, 500),
        ...(before === undefined ? {} : { cluster: json(before) }),
        ...(after === undefined ? {} : { git: json(after) }),
        ...(by === undefined ? {} : { manager: by.manager, operation: by.operation, at: by.at }),
      })),
      ...(live === undefined ? {} : { live: yamlOf(live) }),
      ...(wanted === undefined ? {} : { wanted: yamlOf(wanted) }),
      ...(message === undefined ? {} : { message }),
    }
  },
})

function json(value: unknown): string {
  const text = redact(JSON.stringify(value) ?? '')
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text
}

export const whyObject = defineRoute({
  method: 'get',
  path: '/api/v1/reconciliation/objects/{id}/why',
  tag: 'reconciliation',
  summary: 'Why an object is not ready, in plain words, with the culprit: object, field, and line in Git',
  needs: objectNeeds('viewer'),
  params,
  answer: whySchema,
  async handle({ context, who, params: { id } }) {
    const node = nodeOf(context, id)
    const signal = deadline(context)
    return costly.run(() => why(context, node, who, signal))
  },
})

/** Of a release on its way: the Pod that keeps it, as the application's own page has found it. */
function stuckWords({ troubles, repository }: ServerContext, { metadata }: KubeObject): string | undefined {
  const { labels = {}, name, namespace } = metadata
  const [app, environment] = [labels[appLabels.application], labels[appLabels.environment]]
  if (app === undefined || environment === undefined) return undefined
  // A label alone does not make it the application's: anybody may write one.
  const isIts = name === deploymentName(app, environment)
  if (!isIts || namespace !== repository.known.state?.place.systemNamespace) return undefined
  const trouble = troubles.of(app, environment)
  return trouble && `${trouble.object}: ${trouble.message}`
}

async function why(context: ServerContext, node: GraphNode, who: Principal, signal: AbortSignal): Promise<WhyView> {
  const client = context.client!
  const { nodes } = watchOf(context).snapshot()
  const live = await client.find(node.ref, { signal })
  if (live === undefined) {
    const says = 'is in the inventory, but not in the cluster'
    return {
      ready: false,
      sentence: `${node.ref.kind}/${node.ref.name} ${says}.`,
      steps: [{ object: nameOf(node.ref), says }],
    }
  }
  const found = await explain(client, live, signal)
  const hidden = (ref: ObjectRef) => {
    const at = nodes.get(refKey(ref))
    return at !== undefined && !sees(who, at)
  }
  const cut = found.steps.findIndex(step => hidden(step.ref))
  const steps = cut < 0 ? found.steps : found.steps.slice(0, cut)
  const told = {
    ready: found.ready,
    steps: steps.map(({ ref, says }) => ({ object: nameOf(ref), says: redact(says) })),
  }
  if (cut >= 0) {
    const end = { says: 'which your roles do not reach', ref: found.steps[cut]!.ref }
    return { ...told, sentence: redact(sentenceOf({ ...found, steps: [...steps, end] })) }
  }
  const { culprit } = found
  const next = found.next ?? (found.ready ? undefined : stuckWords(context, live))
  const field =
    culprit?.field === undefined
      ? undefined
      : { field: culprit.field, ...(culprit.value === undefined ? {} : { value: culprit.value }) }
  const object = culprit && (await client.find(culprit, { signal }))
  let placeProblem: string | undefined
  const place =
    object &&
    (await placeInGit(client, object, field, signal).catch((error: unknown) => {
      signal.throwIfAborted()
      placeProblem = redact(error instanceof Error ? error.message : String(error))
      return undefined
    }))
  return {
    ...told,
    sentence: redact(sentenceOf(found)),
    ...(culprit && { culprit: { object: nameOf(culprit), ...field } }),
    ...(next === undefined ? {} : { next }),
    ...(place && { place: { ...place, url: place.url.replace(/\/\/[^/@]*@/, '//') } }),
    ...(placeProblem === undefined ? {} : { placeProblem }),
  }
}
