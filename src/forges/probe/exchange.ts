import { SluiceError } from '../../base/errors/index.ts'
import { listRemoteRefs } from '../../git/index.ts'
import type { CheckFinding } from '../checklist.ts'
import { ScratchRepository } from './scratch-repository.ts'
import { type ProbeState, probeTitle } from './state.ts'

/** Asks for the refs of the repository, as every clone begins. */
export async function cloneStep(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const remote = state.forge.remote(state.target.owner, state.repository)
  const refs = await listRemoteRefs(remote, { ...(signal && { signal }) })
  state.scratch = await ScratchRepository.open(remote)
  state.isEmpty = refs.size === 0
  return `${remote.url} has ${refs.size === 0 ? 'no branch yet' : `${refs.size} refs`}`
}

/** Commits one file and pushes it to the branch of the probe. */
export async function pushStep(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const commit = await state.scratch!.commit(state.text, state.clock.now())
  await state.scratch!.push(commit, state.branch, signal)
  state.commit = commit
  return `commit ${commit.slice(0, 8)} is on ${state.branch}`
}

/** Fetches what was pushed and compares it. */
export async function readStep(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const found = await state.scratch!.readBack(state.branch, signal)
  if (found === state.text) return 'what was pushed came back unchanged'
  throw new SluiceError('E_FORGE_PROBE_FAILED', {
    object: `${probeTitle(state)} at ${state.branch}`,
    expected: 'the file that was pushed',
    seen: found === undefined ? 'other files' : 'another text in it',
    next: 'Something between Sluice and the host changes or caches what is pushed: look at proxies and server-side hooks.',
  })
}
