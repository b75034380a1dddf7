import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { jsonEqual, valueAt } from '../base/json.ts'
import { buildKustomization } from '../engine/index.ts'
import { formatRef, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseObjects } from '../kube/yaml/index.ts'
import { type FleetFolder, fleetFolder } from '../layout/index.ts'
import type { Kustomization } from '../specs/index.ts'

/** What one Kustomization builds from a tree. */
export interface Rendering {
  /** `namespace/name` of the Kustomization. */
  readonly name: string
  /** Folder in the repository, '' for the root. */
  readonly path: string
  readonly objects: readonly KubeObject[]
}

/** More Kustomizations than this are not followed from one fleet. */
const maxBuilds = 2000

/**
 * What everything that follows a fleet's source builds: its root Kustomization, and those among its objects that build from
 * the same source, in turn. Variables stay as they are written, and what SOPS sealed stays sealed: both are the same
 * whatever is done beside the files. Fails with E_IMPORT_UNBUILDABLE.
 */
export function renderFleet(tree: FileTree, { sync, found }: FleetFolder, signal?: AbortSignal): Promise<Rendering[]> {
  return renderSync(tree, { text: sync, path: found.sync.path }, signal)
}

/** The same for the fleet that a gotk-sync.yaml begins. */
export async function renderSync(
  tree: FileTree,
  sync: { readonly text: string; readonly path: string },
  signal?: AbortSignal,
): Promise<Rendering[]> {
  const objects = parseObjects(sync.text, { source: sync.path })
  const source = objects.find(object => object.kind === 'GitRepository')
  const root = objects.find(object => object.kind === 'Kustomization') as Kustomization | undefined
  if (!source || !root) return []
  const done = new Map<string, Rendering>()
  const queue = [root]
  for (let next = queue.shift(); next !== undefined && done.size < maxBuilds; next = queue.shift()) {
    signal?.throwIfAborted()
    const name = `${next.metadata.namespace}/${next.metadata.name}`
    if (done.has(name)) continue
    const rendering = await renderOne(tree, next, name)
    done.set(name, rendering)
    queue.push(...rendering.objects.filter(one => buildsFrom(one, source)).map(one => one as Kustomization))
  }
  return [...done.values()]
}

async function renderOne(tree: FileTree, object: Kustomization, name: string): Promise<Rendering> {
  const { postBuild: _, ...spec } = object.spec
  const kustomization = { ...object, spec: spec as Kustomization['spec'] }
  try {
    const path = fleetFolder((object.spec.path ?? '').replace(/^\/+/, ''))
    const input = { tree, folder: path, kustomization, read: async () => undefined, showSecrets: true }
    return { name, path, objects: await buildKustomization(input) }
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error
    throw new SluiceError('E_IMPORT_UNBUILDABLE', {
      object: `Kustomization/${name}, ${object.spec.path ?? './'}`,
      seen: error.facts.seen ?? error.message,
      cause: error,
    })
  }
}

/** Whether an object is a Kustomization that builds from a GitRepository. */
export function buildsFrom(object: KubeObject, source: KubeObject): boolean {
  if (object.kind !== 'Kustomization' || !object.apiVersion.startsWith('kustomize.toolkit.fluxcd.io/')) return false
  if (valueAt(object, ['spec', 'sourceRef', 'kind']) !== 'GitRepository') return false
  if (valueAt(object, ['spec', 'kubeConfig']) !== undefined) return false
  const namespace = valueAt(object, ['spec', 'sourceRef', 'namespace']) ?? object.metadata.namespace
  return (
    valueAt(object, ['spec', 'sourceRef', 'name']) === source.metadata.name && namespace === source.metadata.namespace
  )
}

/** Fails with E_IMPORT_DIFFERENT unless both renderings hold the same objects, field for field, in the same order. */
export function refuseDifferent(before: readonly Rendering[], after: readonly Rendering[]): void {
  const refuse = (object: string, expected: string, seen: string): never => {
    throw new SluiceError('E_IMPORT_DIFFERENT', { object, expected, seen })
  }
  for (const [i, one] of before.entries()) {
    const other = after[i]
    if (other?.name !== one.name) refuse(`Kustomization/${one.name}`, 'the same Kustomizations', other?.name ?? 'none')
    for (const [n, object] of one.objects.entries()) {
      const now = other?.objects[n]
      if (!jsonEqual(object, now ?? null))
        refuse(formatRef(refOf(object)), 'the same object as before', now ? formatRef(refOf(now)) : 'none')
    }
    const added = other?.objects[one.objects.length]
    if (added) refuse(formatRef(refOf(added)), 'no such object, as before', `an object of Kustomization/${one.name}`)
  }
  const more = after[before.length]
  if (more) refuse(`Kustomization/${more.name}`, 'no such Kustomization, as before', 'one more')
}
