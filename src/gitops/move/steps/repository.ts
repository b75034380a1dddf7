import { SluiceError } from '../../../base/errors/index.ts'
import { compareRefs, fetchAllRefs, pushRefs } from '../../../git/index.ts'
import { effect, type GitOpsStep } from '../../steps.ts'
import { foundIn } from '../found.ts'
import type { MoveContext, MoveState } from '../types.ts'

/** Finds the repository to move to, or makes it: private, whatever the old one is. */
export const repositoryStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'repository',
  title: 'find or make the repository',
  async inspect(context, state) {
    const { target, isOtherRepository, signal } = context
    const name = `${target.owner}/${target.name}`
    if (!isOtherRepository) {
      state.repositoryExists = true
      return { state: 'done', summary: `${name} stays`, changes: [] }
    }
    const there = await target.forge.repository(target.owner, target.name, signal)
    state.repositoryExists = there !== undefined
    if (there?.archived) {
      const seen = 'an archived repository, which takes no push'
      throw new SluiceError('E_GITOPS_TARGET_IN_USE', { object: name, expected: 'one that can be written to', seen })
    }
    return there
      ? { state: 'done', summary: `${name} is there`, changes: [{ kind: 'repository', name, action: 'keep' }] }
      : {
          state: 'to-do',
          summary: `make the private repository ${name} on ${target.forge.host}`,
          changes: [{ kind: 'repository', name, action: 'create' }],
        }
  },
  async apply(context, state) {
    const { target, signal } = context
    const { forge, owner, name } = target
    const { login } = await forge.identify(signal)
    const personal = login.toLowerCase() === owner.toLowerCase()
    const description = 'Cluster configuration, followed by Flux objects'
    try {
      await effect(context, 'move.repository', () =>
        forge.createRepository({ owner, personal, name, description, private: true }, signal),
      )
    } catch (error) {
      const exists = error instanceof SluiceError && error.code === 'E_FORGE_REPOSITORY_EXISTS'
      if (!exists || !(await forge.repository(owner, name, signal))) throw error
    }
    state.repositoryExists = true
    return `made the private repository ${owner}/${name}`
  },
}

/** Carries every branch and tag with its history. Nothing at the new place is overwritten. */
export const carryStep: GitOpsStep<MoveContext, MoveState> = {
  id: 'carry',
  title: 'carry branches, tags and their history',
  async inspect(context, state) {
    const { old, target, isOtherRepository, signal } = context
    const { stage, gone, to } = foundIn(state)
    const nothing = (summary: string) => ({ state: 'done' as const, summary, changes: [] })
    if (!isOtherRepository) return nothing('the repository stays')
    if (stage !== 'before') return nothing('the old place points to the new one already')
    if (!old || gone !== undefined) return nothing('nothing can be read at the old place')
    if (!state.repositoryExists) {
      const change = {
        kind: 'refs',
        from: old.remote.url,
        to: target.remote.url,
        refs: ['every branch and tag'],
      } as const
      return { state: 'to-do', summary: 'push every branch and tag', changes: [change] }
    }
    const names = await missing(context, to.branch)
    if (names.length === 0) return nothing('every branch and tag is there')
    const refs = names.map(name => name.replace(/^refs\/(?:heads|tags)\//, ''))
    return {
      state: 'to-do',
      summary: `push ${names.length} branches and tags`,
      changes: [{ kind: 'refs', from: old.remote.url, to: target.remote.url, refs }],
    }

    async function missing({ target: at }: MoveContext, branch: string): Promise<string[]> {
      const { refs: lacking, differing } = await compareRefs(old!.remote, at.remote, signal)
      // The branch to follow gets a commit of its own on top: the next step looks at it.
      return [...lacking.keys(), ...differing.filter(name => name !== `refs/heads/${branch}`)]
    }
  },
  async apply(context, state) {
    const { old, target, mirror, signal } = context
    const { to } = foundIn(state)
    if (!old) throw new SluiceError('E_INTERNAL', { object: 'carry', seen: 'no old repository' })
    const { refs, differing } = await compareRefs(old.remote, target.remote, signal)
    const first = `refs/heads/${to.branch}`
    const names = [...refs.keys(), ...differing.filter(name => name !== first)]
    // The first branch of a repository becomes its default.
    names.sort((a, b) => Number(b === first) - Number(a === first))
    await fetchAllRefs(mirror, old.remote, signal)
    try {
      if (names[0] === first)
        await effect(context, 'move.carry.first', () => pushRefs(mirror, target.remote, [first], signal))
      await effect(context, 'move.carry', () => pushRefs(mirror, target.remote, names, signal))
    } catch (error) {
      if (!(error instanceof SluiceError) || error.code !== 'E_GIT_PUSH_CONFLICT') throw error
      throw new SluiceError('E_GITOPS_TARGET_IN_USE', {
        object: `${target.owner}/${target.name}`,
        expected: 'branches and tags that come from the old repository',
        seen: `others: ${differing.map(name => name.replace(/^refs\/\w+\//, '')).join(', ')}`,
        cause: error,
      })
    }
    return `pushed ${names.length} branches and tags`
  },
}
