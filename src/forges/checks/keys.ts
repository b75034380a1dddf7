import { asSluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import type { CheckState } from './state.ts'

/** Looks whether deploy keys can be managed, by reading them: not needed for every set-up, so the worst is a warning. */
export function checkDeployKeys(state: CheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  return look(state, 'deploy keys', signal, (owner, name) => state.forge.deployKeys(owner, name, signal))
}

/** Looks whether webhooks can be managed, by reading them. */
export function checkWebhooks(state: CheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  return look(state, 'webhooks', signal, (owner, name) => state.forge.webhooks(owner, name, signal))
}

async function look(
  { forge, repository }: CheckState,
  what: string,
  signal: AbortSignal | undefined,
  read: (owner: string, name: string) => Promise<readonly unknown[]>,
): Promise<CheckFinding> {
  try {
    const found = await read(repository!.owner, repository!.name)
    return `the token may read ${what} (there are ${found.length})`
  } catch (error) {
    signal?.throwIfAborted()
    const failure = asSluiceError(error)
    if (failure.retryable || failure.code === 'E_FORGE_NOT_A_FORGE') throw failure
    return {
      warn: `the token may not manage ${what}: ${failure.facts.seen ?? failure.code}`,
      fix: `Only needed when Sluice shall add ${what}: the account needs the role ${forge.words.adminRole}, and the token the right for it.`,
    }
  }
}
