import { asSluiceError } from '../../base/errors/index.ts'
import { listRemoteRefs } from '../../git/index.ts'
import type { Check, CheckFinding } from '../checklist.ts'
import { cloneStep, pushStep, readStep } from './exchange.ts'
import type { ProbeState } from './state.ts'

/** Branches of probes are below this, with the time in their name. */
export const branchPrefix = 'sluice-probe/'
/** A probe takes seconds: what is older than this belongs to nobody. */
const leftoverMs = 600_000

/** The probe with the least rights: a branch of its own in a repository that is there. */
export const ownBranchSteps: readonly Check<ProbeState>[] = [
  { id: 'probe.clone', title: 'git can fetch the repository', needs: [], run: fetchStep },
  { id: 'probe.sweep', title: 'nothing is left of an earlier probe', needs: ['probe.clone'], run: sweep },
  { id: 'probe.push', title: 'git can push a branch to it', needs: ['probe.clone'], applies, run: pushStep },
  { id: 'probe.read', title: 'what was pushed can be read back', needs: ['probe.push'], applies, run: readStep },
  { id: 'probe.delete', title: 'the branch can be removed', needs: ['probe.push'], applies, run: removeBranch },
]

/** The first branch of an empty repository becomes its default branch, which a probe must not decide. */
async function fetchStep(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const found = await cloneStep(state, signal)
  if (!state.isEmpty) return found
  return {
    warn: 'the repository is empty: a push was not tried, because its first branch would become the default branch',
    fix: 'Probe again when there is a first commit, or name a repository that is not there yet.',
  }
}

function applies(state: ProbeState): boolean {
  return !state.isEmpty
}

async function sweep(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const remote = state.forge.remote(state.target.owner, state.repository)
  const refs = await listRemoteRefs(remote, { patterns: [`refs/heads/${branchPrefix}*`], ...(signal && { signal }) })
  const now = state.clock.now().getTime()
  const old = [...refs].filter(([ref]) => now - timeOf(ref) > leftoverMs)
  if (old.length === 0) return 'nothing is left'
  const left: string[] = []
  for (const [ref, commit] of old) {
    const branch = ref.slice('refs/heads/'.length)
    await state.scratch!.remove(branch, commit, signal).catch((error: unknown) => {
      signal?.throwIfAborted()
      left.push(`${branch} (${asSluiceError(error).facts.seen ?? 'not removed'})`)
    })
  }
  if (left.length > 0)
    return { warn: `left by earlier probes: ${left.join(', ')}`, fix: 'Remove these branches by hand.' }
  return `removed what earlier probes left: ${old.map(([ref]) => ref.slice('refs/heads/'.length)).join(', ')}`
}

/** When the probe began that made a branch: `sluice-probe/20270101T120000Z-ab12cd`. Now for names that are not ours. */
function timeOf(ref: string): number {
  const found = /\/(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-[0-9a-f]+$/.exec(ref)
  if (!found) return Number.POSITIVE_INFINITY
  const [, year, month, day, hour, minute, second] = found
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

async function removeBranch(state: ProbeState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  try {
    await state.scratch!.remove(state.branch, state.commit!, signal)
    return `${state.branch} is removed`
  } catch (error) {
    signal?.throwIfAborted()
    return {
      warn: `the branch ${state.branch} is left: ${asSluiceError(error).facts.seen ?? 'the host did not remove it'}`,
      fix: `Remove the branch by hand; a later probe tries again.`,
    }
  }
}
