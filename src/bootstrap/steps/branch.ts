import { SluiceError } from '../../base/errors/index.ts'
import { listRemoteRefs, remoteDefaultBranch } from '../../git/index.ts'
import type { BootstrapContext, BootstrapStep } from '../types.ts'

/**
 * Looks where the branch stands. It makes nothing by itself: a missing branch begins with the commit of the files, from
 * the tip of the default branch, or with the first commit of an empty repository.
 */
export const branchStep: BootstrapStep = {
  id: 'branch',
  title: 'look at the branch',
  async inspect(context, state) {
    const { branch } = context.fleet
    const { tip, base } = state.repositoryExists ? await look(context) : { tip: undefined, base: undefined }
    if (tip !== undefined) state.tip = tip
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

async function look({
  fleet,
  forge,
  signal,
}: BootstrapContext): Promise<{ tip: string | undefined; base: string | undefined }> {
  const remote = forge.remote(fleet.owner, fleet.repository)
  const refs = await listRemoteRefs(remote, { signal })
  const tip = refs.get(`refs/heads/${fleet.branch}`)
  if (tip !== undefined || refs.size === 0) return { tip, base: undefined }
  return { tip, base: await remoteDefaultBranch(remote, { signal }) }
}
