import { SluiceError } from '../../base/errors/index.ts'
import { isObject, valueAt } from '../../base/json.ts'
import { isKubeObject } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { editYaml, parseYamlStream, type YamlEdit } from '../../kube/yaml/index.ts'

/** Where a cluster looks, how often, and with which Secret. */
export interface Place {
  readonly url: string
  readonly branch: string
  /** Folder in plain form; '' for the root. */
  readonly path: string
  /** Go's form. */
  readonly interval: string
  readonly syncInterval: string
  /** Undefined for a repository that anybody may read. */
  readonly secret: string | undefined
}

/** What a GitRepository and its Kustomization say. */
export function placeOf(source: KubeObject, kustomization: KubeObject): Place {
  const text = (object: KubeObject, ...path: string[]) => {
    const value = valueAt(object, ['spec', ...path])
    return typeof value === 'string' ? value : undefined
  }
  return {
    url: text(source, 'url') ?? '',
    branch: text(source, 'ref', 'branch') ?? 'master',
    path: plainPath(text(kustomization, 'path') ?? ''),
    interval: text(source, 'interval') ?? '',
    syncInterval: text(kustomization, 'interval') ?? '',
    secret: text(source, 'secretRef', 'name'),
  }
}

/** Whether two places are the same repository, branch and path. */
export function isSameLocation(a: Place, b: Place): boolean {
  return a.url === b.url && a.branch === b.branch && a.path === b.path
}

export function isSamePlace(a: Place, b: Place): boolean {
  const isSame = a.interval === b.interval && a.syncInterval === b.syncInterval && a.secret === b.secret
  return isSame && isSameLocation(a, b)
}

/** What differs between two places, one line each. */
export function differences(from: Place, to: Place): string[] {
  const fields: readonly (readonly [string, keyof Place])[] = [
    ['spec.url', 'url'],
    ['spec.ref.branch', 'branch'],
    ['spec.path', 'path'],
    ['GitRepository spec.interval', 'interval'],
    ['Kustomization spec.interval', 'syncInterval'],
    ['spec.secretRef.name', 'secret'],
  ]
  return fields
    .filter(([, key]) => from[key] !== to[key])
    .map(([name, key]) => `${name}: ${shownValue(from[key])} → ${shownValue(to[key])}`)
}

function shownValue(value: string | undefined): string {
  return value === undefined ? 'none' : value === '' ? './' : value
}

/** The GitRepository and the Kustomization of gotk-sync.yaml. */
export interface SyncDocuments {
  readonly source: KubeObject
  readonly kustomization: KubeObject
  readonly place: Place
}

/** Reads gotk-sync.yaml; undefined when it does not hold the two objects of this name. */
export function readSyncFile(text: string | undefined, name: string): SyncDocuments | undefined {
  const found = text === undefined ? undefined : documentsOf(text, name)
  if (!found) return undefined
  const [source, kustomization] = [found.source.object, found.kustomization.object]
  return { source, kustomization, place: placeOf(source, kustomization) }
}

/**
 * The text of gotk-sync.yaml with another place. Everything else that people wrote there (decryption, timeouts, comments)
 * stays as it is.
 */
export function editSyncFile(text: string, name: string, to: Place): string {
  const found = documentsOf(text, name)
  if (!found) throw new SluiceError('E_GITOPS_SYNC_FOREIGN', { object: 'gotk-sync.yaml' })
  const now = placeOf(found.source.object, found.kustomization.object)
  const edits: YamlEdit[] = []
  const set = (document: number, path: readonly string[], value: string | undefined) =>
    edits.push({ document, path: ['spec', ...path], value })
  if (now.url !== to.url) set(found.source.index, ['url'], to.url)
  if (now.branch !== to.branch) set(found.source.index, ['ref', 'branch'], to.branch)
  if (now.interval !== to.interval) set(found.source.index, ['interval'], to.interval)
  if (now.secret !== to.secret && to.secret === undefined) set(found.source.index, ['secretRef'], undefined)
  if (now.secret !== to.secret && to.secret !== undefined) set(found.source.index, ['secretRef', 'name'], to.secret)
  if (now.path !== to.path) set(found.kustomization.index, ['path'], `./${to.path}`)
  if (now.syncInterval !== to.syncInterval) set(found.kustomization.index, ['interval'], to.syncInterval)
  return edits.length === 0 ? text : editYaml(text, edits)
}

function documentsOf(text: string, name: string) {
  let documents: { readonly index: number; readonly object: KubeObject }[]
  try {
    documents = parseYamlStream(text).flatMap(({ value, index }) =>
      isObject(value) && isKubeObject(value) && value.metadata.name === name ? [{ index, object: value }] : [],
    )
  } catch (error) {
    if (error instanceof SluiceError) return undefined
    throw error
  }
  const source = documents.find(one => one.object.kind === 'GitRepository')
  const kustomization = documents.find(one => one.object.kind === 'Kustomization')
  return source && kustomization ? { source, kustomization } : undefined
}

export function plainPath(path: string): string {
  return path
    .split('/')
    .filter(part => part !== '' && part !== '.')
    .join('/')
}
