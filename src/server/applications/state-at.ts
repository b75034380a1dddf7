import { SluiceError } from '../../base/errors/index.ts'
import { isObjectId } from '../../git/index.ts'
import type { ServerContext } from '../context.ts'
import type { RepositoryState } from '../repository/index.ts'

/**
 * The repository as it was when somebody looked at it: a change is worked out from that again, and refused when what it is about
 * is not so any more.
 *
 * @throws E_APP_CHANGED for a commit that the branch does not have
 */
export async function stateAt({ repository }: ServerContext, tip: string): Promise<RepositoryState> {
  let state = await repository.read()
  if (tip === state.tip) return state
  if (isObjectId(tip) && (await state.mirror.commit(tip)) === undefined) state = await repository.refresh()
  const isThere = isObjectId(tip) && (await state.mirror.holds(state.tip, tip).catch(() => false))
  if (isThere) return { ...state, tip, tree: state.mirror.tree(tip) }
  throw new SluiceError('E_APP_CHANGED', {
    object: 'the repository',
    expected: `commit ${tip.slice(0, 7)} on ${state.sync.branch}`,
    seen: 'a branch without it',
  })
}
