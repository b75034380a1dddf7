import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileTree } from '../base/file-tree.ts'
import { valueAt } from '../base/json.ts'
import { accessFrom } from '../engine/index.ts'
import { sourceRefOf } from '../fleet/source-ref.ts'
import { type GitRemote, openMirror } from '../git/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { placeOf, readDocuments, type SpecDocument } from '../specs/index.ts'
import { ownerOf, textAt } from './flux-objects.ts'

/** Where something stands in Git. */
export interface GitPlace {
  readonly url: string
  readonly commit: string
  readonly path: string
  /** From 1: the line of the field, or of the object when the field is set elsewhere (by a kustomization, say). */
  readonly line: number
  /** Whether the line is that of the field, with the value that the cluster has. */
  readonly exact: boolean
}

/** A repository with more manifests than this is not searched. */
const maxFiles = 5000
const maxFileBytes = 1024 * 1024

/**
 * Finds the file and line of an object (or of a field of it) in the Git repository that it was applied from, at the
 * revision that was applied. Undefined when it came from elsewhere, or when the name in Git is another one. Fails with
 * E_GIT_… when the repository cannot be fetched.
 */
export async function placeInGit(
  client: KubeClient,
  object: KubeObject,
  field: { readonly field: string; readonly value?: string } | undefined,
  signal: AbortSignal,
): Promise<GitPlace | undefined> {
  const owner = ownerOf(object)
  const kustomization = owner && (await client.find(owner, { signal }))
  const origin = kustomization && (await originOf(client, kustomization, signal))
  if (!origin) return undefined
  const dir = await mkdtemp(join(tmpdir(), 'sluice-place-'))
  const mirror = await openMirror(dir)
  try {
    const { commit } = await mirror.fetch(origin.remote, origin.ref, { signal, commit: origin.commit })
    const found = await search(mirror.tree(commit), origin.path, object, signal)
    if (!found) return undefined
    const { document, path } = found
    const { line, exact } = lineOf(document, field)
    return { url: origin.remote.url, commit, path, line, exact }
  } finally {
    await mirror.close()
    await rm(dir, { recursive: true, force: true })
  }
}

/** What a Kustomization applied last. */
export interface Origin {
  readonly remote: GitRemote
  readonly ref: string
  readonly commit: string
  /** Folder that is applied, without `./`. */
  readonly path: string
}

/** Where the files of a Kustomization are, with what opens them; undefined when they are not in Git. */
export async function originOf(
  client: KubeClient,
  kustomization: KubeObject,
  signal: AbortSignal,
): Promise<Origin | undefined> {
  const sourceRef = sourceRefOf(kustomization)
  if (sourceRef?.kind !== 'GitRepository') return undefined
  const source = await client.find(sourceRef, { signal })
  const url = textAt(source, 'spec', 'url')
  const revision =
    textAt(kustomization, 'status', 'lastAppliedRevision') ?? textAt(source, 'status', 'artifact', 'revision')
  const [, branch, commit] = /^(?:(.*)@)?sha1:([0-9a-f]{40})$/.exec(revision ?? '') ?? []
  if (!source || url === undefined || commit === undefined) return undefined
  const secretName = textAt(source, 'spec', 'secretRef', 'name')
  const namespace = source.metadata.namespace ?? ''
  const where = `${namespace}/${secretName}`
  const secret =
    secretName === undefined
      ? undefined
      : await client.find({ group: '', version: 'v1', kind: 'Secret', namespace, name: secretName }, { signal })
  const access = secretName === undefined ? {} : accessFrom(secret, url, where)
  const ref =
    branch === undefined || branch === '' ? commit : branch.startsWith('refs/') ? branch : `refs/heads/${branch}`
  const path = String(valueAt(kustomization, ['spec', 'path']) ?? '').replace(/^\.?\/+/, '')
  return { remote: { url, ...access }, ref, commit, path: path.replace(/\/+$/, '').replace(/^\.$/, '') }
}

/** The document of an object: first below the applied folder, then anywhere, since bases lie elsewhere. */
async function search(
  tree: FileTree,
  folder: string,
  object: KubeObject,
  signal: AbortSignal,
): Promise<{ document: SpecDocument; path: string } | undefined> {
  const paths = await manifests(tree)
  const below = (path: string) => folder === '' || path.startsWith(`${folder}/`)
  for (const path of [...paths.filter(below), ...paths.filter(one => !below(one))]) {
    signal.throwIfAborted()
    const bytes = await tree.read(path)
    if (!bytes || bytes.length > maxFileBytes || !bytes.includes(object.kind)) continue
    const { documents } = readDocuments({ path, text: bytes.toString('utf8') })
    const document = documents.find(one => isSame(one.object, object))
    if (document) return { document, path }
  }
  return undefined
}

async function manifests(tree: FileTree): Promise<string[]> {
  const found: string[] = []
  const walk = async (folder: string): Promise<void> => {
    for (const entry of await tree.list(folder)) {
      if (found.length >= maxFiles) return
      if (entry.kind === 'folder') await walk(entry.path)
      else if (entry.kind === 'file' && /\.ya?ml$/.test(entry.name)) found.push(entry.path)
    }
  }
  await walk('')
  return found
}

/** Whether a document is what an object was made from: names may have got a prefix and a suffix, and a namespace. */
function isSame(document: KubeObject, object: KubeObject): boolean {
  const namespace = document.metadata.namespace
  return (
    document.kind === object.kind &&
    document.apiVersion.split('/')[0] === object.apiVersion.split('/')[0] &&
    (namespace === undefined || namespace === object.metadata.namespace) &&
    document.metadata.name === object.metadata.name
  )
}

function lineOf(
  document: SpecDocument,
  field: { readonly field: string; readonly value?: string } | undefined,
): { line: number; exact: boolean } {
  const isThere =
    field !== undefined &&
    (field.value === undefined || String(valueAt(document.object, steps(field.field))) === field.value)
  return { line: placeOf(document, isThere ? field.field : 'metadata.name').line ?? document.line, exact: isThere }
}

/** `spec.containers[0].image` as a path. */
function steps(field: string): string[] {
  return field.replace(/\[(\d+)\]/g, '.$1').split('.')
}
