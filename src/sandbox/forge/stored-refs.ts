import { runGit } from '../../git/index.ts'
import { zeroId } from './push-commands.ts'

/** A ref of a bare repository. */
export interface StoredRef {
  /** Full name. */
  readonly name: string
  readonly id: string
  readonly type: 'commit' | 'tag' | 'tree' | 'blob'
}

/** The refs whose names start with a prefix (up to a `/`, or a whole name), sorted by name. */
export async function listRefs(gitDir: string, prefix: string): Promise<StoredRef[]> {
  const args = ['for-each-ref', '--format=%(objectname) %(objecttype) %(refname)']
  const result = await runGit(args, { gitDir })
  return result.stdout
    .toString('utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => ({
      id: line.slice(0, 40),
      type: line.slice(41, line.indexOf(' ', 41)) as StoredRef['type'],
      name: line.slice(line.indexOf(' ', 41) + 1),
    }))
    .filter(ref => ref.name.startsWith(prefix))
}

/**
 * Moves a ref if it still is where it was expected (`before`; zeros for "not there"); zeros as `after` delete it.
 * False when somebody else was faster, or the name cannot stand beside the others.
 */
export async function moveRef(gitDir: string, name: string, before: string, after: string): Promise<boolean> {
  const args = after === zeroId ? ['update-ref', '-d', name, before] : ['update-ref', name, after, before]
  return (await runGit(args, { gitDir })).exitCode === 0
}
