import { SluiceError } from '../../base/errors/index.ts'
import type { CheckFinding } from '../checklist.ts'
import type { CheckState } from './state.ts'

/** An end of the token within so many days is worth a warning. */
const warnDays = 14
const dayMs = 86_400_000

/** Looks at the text of the token alone. */
export function checkShape({ forge }: CheckState): CheckFinding {
  if (forge.tokenProblem) throw forge.tokenProblem
  return forge.tokenTitle
}

/** Asks the host whose token it is. */
export async function checkAccount(state: CheckState, signal: AbortSignal | undefined): Promise<CheckFinding> {
  const { forge } = state
  try {
    state.identity = await forge.identify(signal)
  } catch (error) {
    const isRefused =
      error instanceof SluiceError && (error.code === 'E_TOKEN_REFUSED' || error.code === 'E_TOKEN_EXPIRED')
    if (!isRefused) throw error
    throw new SluiceError(error.code, {
      ...error.facts,
      object: forge.host,
      next: error.facts.next ?? `Make a new token at ${forge.tokenPage} and set it in place of this one.`,
    })
  }
  const { login } = state.identity
  return login === ''
    ? { warn: 'the host accepts the token, but it may not tell whose it is', fix: forge.words.membershipRight }
    : `it belongs to ${login}`
}

/** Judges what the token says of its rights. */
export function checkRights({ forge, identity, target }: CheckState): CheckFinding {
  return forge.judgeRights(identity!, target)
}

/** Looks at the end of the token. */
export function checkExpiry({ forge, identity }: CheckState): CheckFinding {
  const { expiresAt } = identity!
  if (expiresAt === undefined) {
    return forge.capabilities.tokenExpiry ? 'it has no end' : `it has no end, or ${forge.words.brand} does not tell`
  }
  const left = Date.parse(expiresAt) - forge.clock.now().getTime()
  const day = expiresAt.slice(0, 10)
  if (left <= 0) {
    // The host took it a moment ago, and it is the host's clock that counts.
    const now = forge.clock.now().toISOString()
    return {
      warn: `it ended on ${day} by the clock of this machine (${now.slice(0, 16)}Z), yet the host takes it: this clock is ahead`,
      fix: `Set the clock of this machine (timedatectl, chronyc tracking); if it is right, make a new token at ${forge.tokenPage}.`,
    }
  }
  const days = Math.floor(left / dayMs)
  if (days >= warnDays) return `it ends on ${day}`
  return {
    warn: `it ends on ${day}, in ${days} ${days === 1 ? 'day' : 'days'}; then nothing is pushed any more`,
    fix: `Make a new token before that at ${forge.tokenPage}, or use a deploy key.`,
  }
}
