import { SluiceError } from '../../base/errors/index.ts'
import { fetchedRevision } from '../fetched.ts'
import { lookAtBranch } from '../repository-view.ts'
import type { BootstrapStep } from '../types.ts'

/**
 * Looks where the branch stands. It makes nothing by itself: a missing branch begins with the commit of the files, from
 * the tip of the default branch, or with the first commit of an empty repository.
 */
export const branchStep: BootstrapStep = {
  id: 'branch',
  title: 'look at the branch',
  async inspect(context, state) {
    const { branch } = context.fleet
    const fetched = await fetchedRevision(context)
    if (fetched !== undefined) state.fetchedBefore = fetched
    const view = state.repositoryExists
      ? await lookAtBranch(context)
      : { tip: undefined, base: undefined, baseTip: undefined }
    const { tip, base } = view
    if (tip !== undefined) state.tip = tip
    state.view = view
    const summary =
      tip !== undefined
        ? `${branch} is at ${tip.slice(0, 7)}`
        : base === undefined
          ? `the repository is empty: ${branch} begins with the first commit`
          : `${branch} will be made from ${base}`
    return {
      id: 'branch',
      title: this.title,
      state: 'done',
      summary,
      changes: [
        {
          kind: 'branch',
          name: branch,
          action: tip === undefined ? 'create' : 'keep',
          ...(base ? { from: base } : {}),
        },
      ],
    }
  },
  async apply() {
    throw new SluiceError('E_INTERNAL', { object: 'branch', seen: 'a step without effects was applied' })
  },
}
