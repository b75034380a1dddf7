import { SluiceError } from '../../base/errors/index.ts'
import { isObjectId, type Repository } from '../../git/index.ts'

/** What a change was worked out from. */
export interface LookedAt {
  /** The commit that somebody looked at. */
  readonly from: string
  /** The branch now. */
  readonly tip: string
  /** Files and folders that have to be as they were. */
  readonly watched: readonly string[]
}

/** @throws E_APP_CHANGED when one of the paths is not as it was */
export async function refuseChanged(repository: Repository, { from, tip, watched }: LookedAt): Promise<void> {
  if (from === tip) return
  const known = isObjectId(from) && (await repository.commit(from)) !== undefined
  const changed: string[] = []
  for (const path of known ? watched : []) {
    const [was, is] = await Promise.all([repository.entryAt(from, path), repository.entryAt(tip, path)])
    if (was?.id !== is?.id) changed.push(path)
  }
  if (known && changed.length === 0) return
  throw new SluiceError('E_APP_CHANGED', {
    object: known ? changed.join(', ') : 'the repository',
    expected: `as it was at ${from.slice(0, 7)}`,
    seen: known ? `changed by ${tip.slice(0, 7)}` : `a history without ${from.slice(0, 7)}`,
  })
}
