import { mountApps } from '../../apps/index.ts'
import { SluiceError } from '../../base/errors/index.ts'
import { isObjectId } from '../../git/index.ts'
import type { ServerContext } from '../context.ts'
import type { OwnRepository, RepositoryState } from '../repository/index.ts'

/**
 * The repository as it was when somebody looked at it: a change is worked out from that again, and refused when what it is about
 * is not so any more. `tip` names the commit, and that of the application's own repository where it has one.
 *
 * @throws E_APP_CHANGED for a commit that the branch does not have
 */
export async function stateAt(context: ServerContext, tip: string, app?: string): Promise<RepositoryState> {
  const [fleetTip = '', ownTip] = tip.split('+', 2)
  const state = await fleetAt(context, fleetTip)
  const own = app === undefined ? undefined : state.own.get(app)
  if (own === undefined || ownTip === undefined || ownTip === own.tip) return state
  const isThere = isObjectId(ownTip) && (await own.mirror.holds(own.tip, ownTip).catch(() => false))
  if (!isThere) throw changed(own.pointer.url, ownTip, own.pointer.branch)
  const then: OwnRepository = { ...own, tip: ownTip, tree: own.mirror.tree(ownTip) }
  return withOwn(state, new Map(state.own).set(then.app, then))
}

async function fleetAt({ repository }: ServerContext, tip: string): Promise<RepositoryState> {
  let state = await repository.read()
  if (tip === state.tip) return state
  if (isObjectId(tip) && (await state.mirror.commit(tip)) === undefined) state = await repository.refresh()
  const isThere = isObjectId(tip) && (await state.mirror.holds(state.tip, tip).catch(() => false))
  if (isThere) return withOwn({ ...state, tip }, state.own)
  throw changed('the repository', tip, state.sync.branch)
}

function withOwn(state: RepositoryState, own: RepositoryState['own']): RepositoryState {
  const trees = new Map([...own].map(([app, { tree }]) => [app, tree]))
  return { ...state, own, tree: mountApps(state.mirror.tree(state.tip), trees) }
}

function changed(object: string, tip: string, branch: string): SluiceError {
  return new SluiceError('E_APP_CHANGED', {
    object,
    expected: `commit ${tip.slice(0, 7)} on ${branch}`,
    seen: 'a branch without it',
  })
}
