import { memoryTree } from '../../base/file-tree.ts'
import { conditionOf } from '../../kube/condition.ts'
import type { KubeObject } from '../../kube/object.ts'
import { packTree } from '../source/archive/pack.ts'
import type { Artifact } from '../source/artifact.ts'
import type { World } from './world.ts'

/** The artifact of a source. */
export function artifactIn(object: KubeObject | undefined): Artifact | undefined {
  return (object?.['status'] as { artifact?: Artifact } | undefined)?.artifact
}

/** Puts a source of any kind into `apps`. */
export function putSource(world: World, kind: string, name: string, spec: object): Promise<KubeObject> {
  return world.apply({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind,
    metadata: { name, namespace: 'apps' },
    spec: { interval: '10m', ...spec },
  })
}

/** Puts a Secret into `apps`. */
export function putSecret(
  world: World,
  name: string,
  stringData: Readonly<Record<string, string>>,
): Promise<KubeObject> {
  return world.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'apps' }, stringData })
}

/** A source that is Ready, with a revision if one is named. */
export function sourceReady(world: World, kind: string, name: string, revision?: string): Promise<KubeObject> {
  return world.until(kind, name, object => {
    const there = revision === undefined || artifactIn(object)?.revision === revision
    return there && conditionOf(object, 'Ready')?.status === 'True'
  })
}

/** Asks for a look at a source, as `flux reconcile source` does. */
export function requestSource(
  world: World,
  kind: string,
  name: string,
  token = String(Math.random()),
): Promise<KubeObject> {
  const ref = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind, namespace: 'apps', name }
  return world.client.patch(
    ref,
    'merge',
    { metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } },
    { fieldManager: 'test' },
  )
}

/** The source after it has acted on a request, whether it went well or not. */
export function sourceHandled(world: World, kind: string, name: string, token: string): Promise<KubeObject> {
  const statusOf = (object: KubeObject | undefined) => object?.['status'] as Record<string, unknown> | undefined
  return world.until(kind, name, object => statusOf(object)?.['lastHandledReconcileAt'] === token)
}

/** Files as `.tar.gz`. */
export function archiveOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  return packTree(memoryTree(files))
}
