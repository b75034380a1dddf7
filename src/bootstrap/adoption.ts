import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { type FoundFleet, markerFile, markerPath, readMarker } from '../layout/index.ts'
import type { DesiredFile } from './desired-files.ts'
import type { BootstrapContext } from './types.ts'

/** Whether a repository may be written to, and the marker that says so from then on. */
export interface Adoption {
  readonly marker: DesiredFile
  readonly notes: readonly string[]
  readonly refusal: SluiceError | undefined
}

/**
 * A repository with the marker, an empty one, and one that Sluice filled before there were markers are its own. Any other
 * is adopted only when the person says so.
 *
 * @throws E_BOOTSTRAP_PATH_IN_USE for a file in the marker's place that this version cannot read
 */
export async function judgeAdoption(
  { fleet, adopt = false }: Pick<BootstrapContext, 'fleet' | 'adopt'>,
  tree: FileTree,
  found: FoundFleet,
): Promise<Adoption> {
  const marker = await readMarker(tree)
  if (marker === 'newer' || marker === 'foreign') {
    throw new SluiceError('E_BOOTSTRAP_PATH_IN_USE', {
      object: markerPath,
      expected: 'the marker of this version of Sluice, or no such file',
      seen: marker === 'newer' ? 'the marker of a later version' : 'a file that Sluice did not make',
      next: marker === 'newer' ? 'Use that version of Sluice.' : `Rename ${markerPath}, or use another repository.`,
    })
  }
  const before = marker === 'ours' ? markerFile : undefined
  const file: DesiredFile = {
    path: markerPath,
    action: marker === 'ours' ? 'keep' : 'create',
    before,
    after: markerFile,
  }
  if (marker === 'ours' || found.components.origin === 'sluice') return { marker: file, notes: [], refusal: undefined }
  const names = (await tree.list('')).map(entry => (entry.kind === 'folder' ? `${entry.name}/` : entry.name))
  if (names.length === 0) return { marker: file, notes: [], refusal: undefined }
  const seen = `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`
  const repository = `${fleet.owner}/${fleet.repository}`
  if (adopt)
    return { marker: file, notes: [`${repository} is adopted; what stands there stays: ${seen}`], refusal: undefined }
  const refusal = new SluiceError('E_BOOTSTRAP_NOT_ADOPTED', {
    object: `${repository}, branch ${fleet.branch}`,
    expected: `an empty repository, or one with ${markerPath}`,
    seen,
  })
  return { marker: file, notes: [], refusal }
}
