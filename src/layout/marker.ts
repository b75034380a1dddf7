import type { FileTree } from '../base/file-tree.ts'
import { isObject } from '../base/json.ts'

/**
 * The file that says that Sluice manages a repository. JSON, so that engines, which take every YAML file of a folder for
 * manifests, leave it alone; always the same bytes, so that two fleets in one repository agree about it.
 */
export const markerPath = '.sluice.json'

const format = 1

/** The text of the marker. */
export const markerFile = `${JSON.stringify({ managedBy: 'sluice', format }, null, 2)}\n`

/**
 * What a repository says of itself. `absent`: no marker; `ours`: one that this version understands; `newer`: one of a later
 * version of Sluice; `foreign`: a file of that name that Sluice did not make.
 */
export type Marker = 'absent' | 'ours' | 'newer' | 'foreign'

export async function readMarker(tree: FileTree): Promise<Marker> {
  const entry = await tree.entry(markerPath)
  if (!entry) return 'absent'
  const bytes = await tree.read(markerPath)
  if (!bytes || bytes.length > 4096) return 'foreign'
  let found: unknown
  try {
    found = JSON.parse(bytes.toString('utf8'))
  } catch {
    return 'foreign'
  }
  if (!isObject(found) || found['managedBy'] !== 'sluice' || !Number.isInteger(found['format'])) return 'foreign'
  return (found['format'] as number) > format ? 'newer' : 'ours'
}
