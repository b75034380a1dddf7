import { asSluiceError, SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import { askReceivePack } from '../git-access.ts'
import { type CheckState, repositoryTitle } from './state.ts'

/** The API has shown the repository to this token: when git does not, the token lacks the right. */
const refusals = new Set(['E_GIT_FORBIDDEN', 'E_GIT_AUTHENTICATION', 'E_GIT_REPOSITORY_NOT_FOUND'])

/**
 * Asks git whether it would take a push: servers look at the right to write before they show the refs to push against.
 * This is a read (the advertisement of git-receive-pack), and the only proof for tokens whose rights no API tells.
 */
export async function checkGit(state: CheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge, target } = state
  const remote = forge.remote(state.repository!.owner, state.repository!.name)
  try {
    await askReceivePack(remote, signal)
  } catch (error) {
    signal?.throwIfAborted()
    const failure = asSluiceError(error)
    if (!refusals.has(failure.code)) throw failure
    throw new SluiceError('E_TOKEN_SCOPE', {
      object: repositoryTitle(state),
      expected: 'git to take pushes with this token',
      ...(failure.facts.seen !== undefined && { seen: failure.facts.seen }),
      next: `The API accepts the token but git refuses to push with it: give it ${forge.words.pushRight} for ${target.owner}/${target.repository}.`,
      details: { hostSaid: failure.facts.seen ?? '' },
    })
  }
  return 'git would take a push'
}
