import { type AppsPlace, deploymentName, deploymentPaths, sourcePath, syncFolder } from '../../apps/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { isObject } from '../../base/json.ts'
import { Semaphore } from '../../base/semaphore.ts'
import { unifiedDiff } from '../../base/text-diff.ts'
import {
  buildForDiff,
  diffKustomization,
  diffRelease,
  type ObjectDiff,
  overlaid,
  type ReleasePreview,
  shown,
  withReleasePreview,
} from '../../engine/index.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { parseObjects, stringifyYaml } from '../../kube/yaml/index.ts'
import { redact } from '../../secrets/secret.ts'
import { type HelmRelease, type Kustomization, readDocuments } from '../../specs/index.ts'
import { wordsOf } from '../charts/chart-index.ts'
import type { ServerContext } from '../context.ts'
import type { ManifestDiff, ObjectDiffView, RenderedPreview } from '../contract/manifest-diff.ts'
import { objectsFor } from './deployment-view.ts'

const mostOfOne = 32 * 1024
const mostOfAll = 512 * 1024
const renderMs = 60_000
/** Each render runs helm: however many people look, so many at once. */
const renders = new Semaphore(2)

/** Where a release is rendered from. */
export interface Rendering {
  readonly app: string
  readonly environment: string
  readonly place: AppsPlace
  readonly signal: AbortSignal
}

/** What a change makes of the manifests of an environment, and what the cluster would say of it. */
export async function renderedDiff(
  context: ServerContext,
  rendering: Rendering,
  before: FileTree,
  after: FileTree,
): Promise<{ readonly manifest: ManifestDiff; readonly cluster: ManifestDiff }> {
  const { environment } = rendering
  const unavailable = (error: unknown): ManifestDiff => ({
    environment,
    state: 'unavailable',
    why: wordsOf(error),
    objects: [],
  })
  const isGone = (await after.entry(deploymentPaths(rendering.place, rendering.app, environment).release)) === undefined
  const old = await settled(render(context, rendering, before, async preview => preview.manifest, false))
  if (isGone) {
    const gone =
      'error' in old
        ? unavailable(old.error)
        : { environment, state: 'done' as const, objects: objectDiffs(old.value ?? '', '') }
    return {
      manifest: gone,
      cluster: { environment, state: 'unavailable', why: 'it is taken out of the environment', objects: [] },
    }
  }
  const made = await settled(
    render(
      context,
      rendering,
      after,
      async preview => ({ manifest: preview.manifest, diffs: await settled(diffRelease(preview)) }),
      true,
    ),
  )
  if ('error' in made) return { manifest: unavailable(made.error), cluster: unavailable(made.error) }
  const { manifest, diffs } = made.value!
  const oldText = 'error' in old ? '' : (old.value ?? '')
  const around = await settled(aroundRelease(context, rendering, after))
  const cluster: ManifestDiff =
    'error' in diffs
      ? unavailable(diffs.error)
      : {
          environment,
          state: 'done',
          objects: bounded([...('error' in around ? [] : around.value), ...diffs.value].map(objectView)),
        }
  return { manifest: { environment, state: 'done', objects: objectDiffs(oldText, manifest) }, cluster }
}

/** The manifests of one environment at two states of the repository. */
export async function compareManifests(
  context: ServerContext,
  rendering: Rendering,
  before: FileTree,
  after: FileTree,
): Promise<ManifestDiff> {
  const { environment } = rendering
  const texts = await Promise.all(
    [before, after].map(tree => settled(render(context, rendering, tree, async preview => preview.manifest, false))),
  )
  const [a, b] = texts.map(one => ('error' in one ? undefined : (one.value ?? '')))
  const failed = texts.find(one => 'error' in one)
  if (a === undefined || b === undefined)
    return {
      environment,
      state: 'unavailable',
      why: wordsOf(failed && 'error' in failed ? failed.error : 'unknown'),
      objects: [],
    }
  return { environment, state: 'done', objects: objectDiffs(a, b) }
}

type Settled<T> = { readonly value: T } | { readonly error: unknown }

function settled<T>(work: Promise<T>): Promise<Settled<T>> {
  return work.then(
    value => ({ value }),
    error => ({ error }),
  )
}

/** Renders the release that the files of an environment make; undefined when they make none. */
async function render<T>(
  context: ServerContext,
  { app, environment, place, signal }: Rendering,
  tree: FileTree,
  work: (preview: ReleasePreview) => Promise<T>,
  withSources: boolean,
): Promise<T | undefined> {
  const { client, flux } = context
  if (client === undefined) throw new Error('this server has no cluster to render for')
  const end = AbortSignal.any([signal, context.signal, AbortSignal.timeout(renderMs)])
  const kustomization = await syncOf(tree, place, app, environment)
  if (kustomization === undefined) return undefined
  const proposed = await buildForDiff({ client, tree, kustomization, signal: end })
  const name = deploymentName(app, environment)
  const found = proposed.find(({ kind, metadata }) => kind === 'HelmRelease' && metadata.name === name)
  if (found === undefined) return undefined
  const live = objectsFor(flux, place.systemNamespace, app, environment).release
  const release = { ...found, ...(live?.['status'] === undefined ? {} : { status: live['status'] }) } as HelmRelease
  const given = { namespace: place.systemNamespace, name: place.sourceName, tree }
  const beside = withSources ? await chartSources(tree, place) : []
  const isThere = flux?.sources.get(place.systemNamespace, place.sourceName) !== undefined
  const known = [...proposed, ...beside, ...(isThere ? [] : await newSource(tree, sourcePath(place, app)))]
  const read = overlaid(client, known, end)
  return renders.run(
    () => withReleasePreview({ client, release, given, read, env: process.env, signal: end }, work),
    end,
  )
}

/** What the files change beside the release: its account, its namespace. */
async function aroundRelease(
  { client, signal: end }: ServerContext,
  { app, environment, place, signal }: Rendering,
  tree: FileTree,
): Promise<ObjectDiff[]> {
  const kustomization = await syncOf(tree, place, app, environment)
  if (client === undefined || kustomization === undefined) return []
  const until = AbortSignal.any([signal, end, AbortSignal.timeout(renderMs)])
  const diffs = await diffKustomization({ client, tree, kustomization, signal: until })
  return diffs.filter(({ ref }) => ref.kind !== 'HelmRelease')
}

async function syncOf(
  tree: FileTree,
  place: AppsPlace,
  app: string,
  environment: string,
): Promise<Kustomization | undefined> {
  const path = `${syncFolder(place)}/${app}/${environment}.yaml`
  const text = (await tree.read(path))?.toString('utf8')
  const found = text === undefined ? undefined : readDocuments({ path, text }).documents[0]?.object
  return found?.kind === 'Kustomization' ? (found as Kustomization) : undefined
}

/** Chart repositories that the files add in the same commit. */
async function chartSources(tree: FileTree, place: AppsPlace): Promise<KubeObject[]> {
  const folder = syncFolder(place).replace(/sluice-apps$/, 'sluice-charts')
  const out: KubeObject[] = []
  for (const entry of await tree.list(folder))
    if (entry.kind === 'file') out.push(...(await sourcesIn(tree, entry.path, 'HelmRepository')))
  return out
}

/** The source of a new application. Its files are given, so nothing is fetched from there, and it needs no credential. */
async function newSource(tree: FileTree, path: string): Promise<KubeObject[]> {
  const found = await sourcesIn(tree, path, 'GitRepository')
  return found.map(source => {
    const { secretRef: _, ...spec } = (isObject(source['spec']) ? source['spec'] : {}) as Record<string, unknown>
    return { ...source, spec }
  })
}

/** The sources of a file: one that the same change adds is not in the cluster yet. */
async function sourcesIn(tree: FileTree, path: string, kind: string): Promise<KubeObject[]> {
  const text = (await tree.read(path))?.toString('utf8')
  if (text === undefined) return []
  return readDocuments({ path, text }).documents.flatMap(({ object }) => (object.kind === kind ? [object] : []))
}

/** Two manifests, object by object, with Secrets masked. */
function objectDiffs(before: string, after: string): ObjectDiffView[] {
  const [old, made] = [before, after].map(byName)
  const names = [...new Set([...made!.keys(), ...old!.keys()])]
  return bounded(
    names.flatMap((object): ObjectDiffView[] => {
      const { before: a, after: b } = masked(old!.get(object), made!.get(object))
      const diff = unifiedDiff(object, a, b)
      const change = a === undefined ? 'create' : b === undefined ? 'delete' : diff === '' ? 'none' : 'update'
      return [{ object, change, diff, truncated: false }]
    }),
  )
}

function byName(text: string): Map<string, KubeObject> {
  return new Map(parseObjects(text).map(object => [formatRef(refOf(object)), object]))
}

function masked(was: KubeObject | undefined, is: KubeObject | undefined) {
  const { before, after } = shown(was, is)
  const text = (object: KubeObject | undefined) => (object === undefined ? undefined : redact(stringifyYaml(object)))
  return { before: text(before), after: text(after) }
}

function objectView({ ref, action, before, after, message }: ObjectDiff): ObjectDiffView {
  const object = formatRef(ref)
  const text = (one: KubeObject | undefined) => (one === undefined ? undefined : stringifyYaml(one))
  const change = (
    {
      create: 'create',
      configure: 'update',
      unchanged: 'none',
      delete: 'delete',
      skip: 'none',
      refused: 'refused',
    } as const
  )[action]
  return {
    object,
    change,
    diff: change === 'none' || change === 'refused' ? '' : redact(unifiedDiff(object, text(before), text(after))),
    truncated: false,
    ...(message === undefined ? {} : { problem: redact(message).slice(0, 2000) }),
  }
}

/** As much as a page shows. */
function bounded(diffs: readonly ObjectDiffView[]): ObjectDiffView[] {
  let total = 0
  return diffs.slice(0, 1000).map(one => {
    const diff = total > mostOfAll ? '' : one.diff.slice(0, mostOfOne)
    total += diff.length
    return { ...one, diff, truncated: diff.length < one.diff.length }
  })
}

/** Of several environments: one after another, for helm is heavy. */
export async function renderedPreview(
  context: ServerContext,
  base: Omit<Rendering, 'environment'>,
  environments: readonly string[],
  before: FileTree,
  after: FileTree,
): Promise<RenderedPreview> {
  const manifest: ManifestDiff[] = []
  const cluster: ManifestDiff[] = []
  for (const environment of environments.slice(0, 10)) {
    const done = await renderedDiff(context, { ...base, environment }, before, after)
    manifest.push(done.manifest)
    cluster.push(done.cluster)
  }
  return { manifest, cluster }
}
