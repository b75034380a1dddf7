import { isObject, jsonEqual } from '../../base/json.ts'
import { isKindUnknown, isNotFound } from '../../kube/client/status.ts'
import type { KubeClient } from '../../kube/client/types.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { redact } from '../../secrets/secret.ts'
import { refusalOf } from '../apply/refusal.ts'
import { helmManager, originNameLabel, originNamespaceLabel } from '../helmrelease/contract.ts'
import { isServerSide } from '../helmrelease/helm/arguments.ts'
import { objectsOf } from '../helmrelease/manifest.ts'
import { applyMethodOf } from '../helmrelease/next-action.ts'
import { releaseNameOf, releaseNamespaceOf } from '../helmrelease/settings.ts'
import type { ReleasePreview } from '../preview/release.ts'
import type { FieldChange } from './field-changes.ts'
import { diffOf, inParallel, type ObjectDiff } from './object-diff.ts'

const keepAnnotation = 'helm.sh/resource-policy'

/**
 * What releasing would change in the cluster, found out by server-side dry runs: nothing is changed. Definitions of the
 * chart come first, then its objects in their order, then those that would be deleted. Hooks are left out: they run at each
 * action and are made anew. Values of Secrets are masked, wherever the chart has put them.
 */
export async function diffRelease(preview: ReleasePreview): Promise<ObjectDiff[]> {
  const { release, manifest, standing, client, signal } = preview
  const { deployed, left } = standing
  const old = deployed ?? left
  const before = new Map<string, KubeObject>()
  for (const object of old === undefined ? [] : await objectsOf(old, client, signal)) {
    before.set(formatRef(refOf(object)), object)
  }
  const target = { name: releaseNameOf(release), namespace: releaseNamespaceOf(release), manifest }
  const wanted = (await objectsOf(target, client, signal)).filter(
    ({ metadata }) => metadata.annotations?.['helm.sh/hook'] === undefined,
  )
  const { install, upgrade } = release.spec
  const server =
    deployed === undefined
      ? install?.serverSideApply !== false
      : isServerSide(upgrade?.serverSideApply, applyMethodOf(deployed.raw))
  const definitions = await inParallel(definitionsOf(preview), one => diffDefinition(preview, one))
  const changed = await inParallel(wanted, object => {
    const original = server ? undefined : before.get(formatRef(refOf(object)))
    return diffObject(client, object, original, signal)
  })
  const names = new Set(wanted.map(object => formatRef(refOf(object))))
  const stale = [...before].filter(([name]) => !names.has(name)).map(([, object]) => object)
  const deleted = await inParallel(stale.reverse(), object => diffDeletion(client, object, signal))
  return [...definitions, ...changed, ...deleted.filter(one => one !== undefined)].map(redacted)
}

/** @param original the object as it was released, where helm merges on its own side; the server merges without it */
async function diffObject(
  client: KubeClient,
  desired: KubeObject,
  original: KubeObject | undefined,
  signal: AbortSignal,
): Promise<ObjectDiff> {
  const ref = refOf(desired)
  const live = await client.find(ref, { signal })
  const options = { fieldManager: helmManager, dryRun: true, signal } as const
  try {
    const after =
      live === undefined || original === undefined
        ? await client.apply(desired, { ...options, force: true })
        : await client.patch(ref, 'merge', mergeOf(original, desired, live), options)
    return diffOf(ref, live, after)
  } catch (error) {
    signal.throwIfAborted()
    // Its kind or namespace may come with the release; then the server cannot say more yet.
    if (live === undefined && (isKindUnknown(error) || isNotFound(error))) return diffOf(ref, undefined, desired)
    return { ref, action: 'refused', changes: [], message: refusalOf(error, desired, ref, 'dry-run').message }
  }
}

/**
 * The three-way merge of helm as a merge patch: what is wanted and is not so, and what was released and is no longer
 * wanted. A list that the release does not change stays as it is in the cluster.
 */
function mergeOf(original: unknown, desired: unknown, live: unknown): Record<string, unknown> {
  const [was, want, is] = [original, desired, live].map(value => (isObject(value) ? value : {}))
  const patch: Record<string, unknown> = {}
  for (const key of Object.keys(was!)) if (!Object.hasOwn(want!, key) && Object.hasOwn(is!, key)) patch[key] = null
  for (const [key, value] of Object.entries(want!)) {
    if (isObject(value) && isObject(is![key])) {
      const inner = mergeOf(was![key], value, is![key])
      if (Object.keys(inner).length > 0) patch[key] = inner
    } else if (!jsonEqual(value, is![key]) && !(Array.isArray(value) && jsonEqual(value, was![key]))) patch[key] = value
  }
  return patch
}

async function diffDeletion(
  client: KubeClient,
  object: KubeObject,
  signal: AbortSignal,
): Promise<ObjectDiff | undefined> {
  const ref = refOf(object)
  const live = await client.find(ref, { signal }).catch(error => {
    if (isKindUnknown(error)) return undefined
    throw error
  })
  if (live === undefined) return undefined
  const kept = [object, live].some(one => one.metadata.annotations?.[keepAnnotation] === 'keep')
  return kept ? { ref, action: 'skip', changes: [] } : diffOf(ref, live, undefined)
}

/** The definitions of the chart that its policy applies, as the engine applies them. */
function definitionsOf({ release, chart, standing }: ReleasePreview): KubeObject[] {
  const { install } = release.spec
  const own = standing.deployed === undefined ? install?.crds : release.spec.upgrade?.crds
  if ((own ?? (install?.skipCRDs ? 'Skip' : 'Create')) === 'Skip') return []
  const { name = '', namespace = '' } = release.metadata
  const labels = { [originNameLabel]: name, [originNamespaceLabel]: namespace }
  return chart.crds.map(one => ({
    ...one,
    metadata: { ...one.metadata, labels: { ...one.metadata.labels, ...labels } },
  }))
}

async function diffDefinition(
  { release, standing, client, signal }: ReleasePreview,
  wanted: KubeObject,
): Promise<ObjectDiff> {
  const ref = refOf(wanted)
  const policy = standing.deployed === undefined ? release.spec.install?.crds : release.spec.upgrade?.crds
  const live = await client.find(ref, { signal })
  if (live === undefined) return diffOf(ref, undefined, wanted)
  if (policy !== 'CreateReplace') return { ref, action: 'unchanged', changes: [] }
  const { resourceVersion = '' } = live.metadata
  const next = { ...wanted, metadata: { ...wanted.metadata, resourceVersion } }
  try {
    return diffOf(ref, live, await client.replace(next, { fieldManager: helmManager, dryRun: true, signal }))
  } catch (error) {
    signal.throwIfAborted()
    return { ref, action: 'refused', changes: [], message: refusalOf(error, wanted, ref, 'dry-run').message }
  }
}

/** What came from Secrets is remembered as such, and must not be shown in an object that is none. */
function redacted(diff: ObjectDiff): ObjectDiff {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value)
    if (Array.isArray(value)) return value.map(clean)
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, clean(one)])) : value
  }
  return {
    ...diff,
    changes: diff.changes.map(change => clean(change) as FieldChange),
    ...(diff.before === undefined ? {} : { before: clean(diff.before) as KubeObject }),
    ...(diff.after === undefined ? {} : { after: clean(diff.after) as KubeObject }),
    ...(diff.message === undefined ? {} : { message: redact(diff.message) }),
  }
}
