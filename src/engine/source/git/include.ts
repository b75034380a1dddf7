import { jsonEqual } from '../../../base/json.ts'
import type { GitRepository } from '../../../specs/flux/git-repository.ts'
import { StepFailure } from '../../failure.ts'
import { filesOf } from '../archive/pack.ts'
import { type ArchiveFile, safePath } from '../archive/tar-read.ts'
import type { Artifact } from '../artifact.ts'
import type { Sources } from '../sources.ts'

/** How long to wait for an include without artifact; its first artifact ends the wait at once (Flux: --requeue-dependency). */
const waitMs = 30_000

/** The artifacts of the included repositories, in the order of `spec.include`. */
export function includedArtifacts(object: GitRepository, sources: Sources): Artifact[] {
  return (object.spec.include ?? []).map(({ repository }) => {
    const { name } = repository
    const other = sources.find('GitRepository', object.metadata.namespace ?? '', name)
    if (other === undefined) {
      throw unavailable(
        'NotFound',
        `could not get resource for include '${name}': gitrepositories.source.toolkit.fluxcd.io "${name}" not found`,
      )
    }
    const artifact = other.status?.artifact
    if (artifact === undefined) throw unavailable('NoArtifact', `no artifact available for include '${name}'`)
    return artifact
  })
}

/** The files that the includes bring, with their paths in this source. */
export async function includedFiles(object: GitRepository, sources: Sources): Promise<ArchiveFile[]> {
  const files: ArchiveFile[] = []
  for (const { repository, fromPath, toPath } of object.spec.include ?? []) {
    const { name } = repository
    const other = sources.find('GitRepository', object.metadata.namespace ?? '', name)
    const tree = other && (await sources.tree(other))
    const [from, to] = [inside(fromPath || '', name), inside(toPath || name, name)]
    if (tree === undefined) {
      if (other !== undefined) sources.refetch(other)
      throw failed(
        'CopyFailure',
        `failed to copy '${name}' include from ${fromPath ?? ''} to ${to}: artifact not found`,
      )
    }
    const entry = await tree.entry(from)
    if (entry === undefined || (entry.kind !== 'folder' && entry.kind !== 'file')) {
      throw failed('CopyFailure', `failed to copy '${name}' include from ${fromPath ?? ''} to ${to}: no such path`)
    }
    if (entry.kind === 'file') {
      files.push({ path: to, bytes: (await tree.read(from)) ?? Buffer.alloc(0) })
      continue
    }
    for (const { path, bytes } of await filesOf(tree, from)) {
      const rest = from === '' ? path : path.slice(from.length + 1)
      files.push({ path: to === '' ? rest : `${to}/${rest}`, bytes })
    }
  }
  return files
}

/** Whether what was included is what the status says. */
export function sameIncludes(before: unknown, now: readonly Artifact[]): boolean {
  const face = (artifact: Artifact) => [artifact.revision, artifact.digest]
  return jsonEqual(((before ?? []) as Artifact[]).map(face), now.map(face))
}

function inside(path: string, name: string): string {
  try {
    return safePath(path.replace(/^\/+/, ''))
  } catch (error) {
    throw failed('IllegalPath', `path calculation for include '${name}' failed: ${(error as Error).message}`)
  }
}

function unavailable(reason: string, message: string): StepFailure {
  return new StepFailure(reason, message, { condition: 'IncludeUnavailable', retryMs: waitMs })
}

function failed(reason: string, message: string): StepFailure {
  return new StepFailure(reason, message, { condition: 'StorageOperationFailed', transient: true })
}
