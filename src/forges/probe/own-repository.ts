import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import { listRemoteRefs } from '../../git/index.ts'
import type { Check, CheckFinding } from '../checklist.ts'
import { cloneStep, pushStep, readStep } from './exchange.ts'
import { ScratchRepository } from './scratch-repository.ts'
import { type ProbeState, probeTitle } from './state.ts'

/** The probe that makes a repository of its own and removes it again. */
export const ownRepositorySteps: readonly Check<ProbeState>[] = [
  { id: 'probe.sweep', title: 'nothing is left of an earlier probe', needs: [], run: sweep },
  { id: 'probe.create', title: 'a repository can be made', needs: ['probe.sweep'], run: create },
  { id: 'probe.clone', title: 'git can clone it', needs: ['probe.create'], run: cloneStep },
  { id: 'probe.push', title: 'git can push a commit to it', needs: ['probe.clone'], run: pushStep },
  { id: 'probe.read', title: 'what was pushed can be read back', needs: ['probe.push'], run: readStep },
  // Also after a failed push: what the probe made goes away.
  { id: 'probe.delete', title: 'the repository can be removed', needs: ['probe.create'], run: remove },
]

/** Removes what a probe left that was killed; a repository of this name that is not a probe's is never touched. */
async function sweep(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target, repository } = state
  const found = await forge.repository(target.owner, repository, signal)
  if (!found) return `${probeTitle(state)} is free`
  if (!(await isProbes(state, signal))) {
    throw new SluiceError('E_FORGE_REPOSITORY_EXISTS', {
      object: `repository ${probeTitle(state)}`,
      expected: 'a free name for the probe',
      seen: 'a repository with other content than a probe leaves',
      next: `Rename ${probeTitle(state)}, or look at it and remove it by hand.`,
    })
  }
  await forge.deleteRepository(target.owner, repository, signal)
  return `${probeTitle(state)} was left by an earlier probe and is removed`
}

/** A probe leaves nothing, or one branch with one file. */
async function isProbes(state: ProbeState, signal: AbortSignal | undefined): Promise<boolean> {
  const remote = state.forge.remote(state.target.owner, state.repository)
  const refs = await listRemoteRefs(remote, { ...(signal && { signal }) })
  const branches = [...refs.keys()].filter(ref => ref !== 'HEAD')
  if (branches.length === 0) return true
  if (branches.length > 1 || branches[0] !== `refs/heads/${state.branch}`) return false
  const scratch = await ScratchRepository.open(remote)
  try {
    return (await scratch.readBack(state.branch, signal))?.startsWith('sluice probe') === true
  } finally {
    await scratch.close()
  }
}

async function create(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target, repository } = state
  const description = 'Made by `sluice check --probe` to try a token; it may be removed.'
  const request = { owner: target.owner, personal: target.personal, name: repository, description, private: true }
  const made = await forge.createRepository(request, signal)
  return `${made.owner}/${made.name} is made`
}

async function remove(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  try {
    await state.forge.deleteRepository(state.target.owner, state.repository, signal)
    return `${probeTitle(state)} is removed`
  } catch (error) {
    signal?.throwIfAborted()
    const failure = asSluiceError(error)
    // What Sluice does every day needs no right to delete: not being able to is worth a word, no failure.
    return {
      warn: `${probeTitle(state)} is left: ${failure.facts.seen ?? failure.message}`,
      fix: `Remove ${probeTitle(state)} by hand, or let the token delete repositories: the next probe removes it.`,
    }
  }
}
