import type { Clock } from '../base/clock.ts'
import type { CheckLine, Forge } from '../forges/index.ts'
import { namesOfTarget } from './target.ts'
import type { ConnectionDraft, Proof } from './types.ts'

/** Codes of failures that say nothing of the credential: the host was not there, or wanted to be left alone. */
const noAnswer = new Set([
  'E_FORGE_UNREACHABLE',
  'E_FORGE_RATE_LIMITED',
  'E_FORGE_SERVER_ERROR',
  'E_GIT_UNREACHABLE',
  'E_GIT_SERVER_ERROR',
  'E_GIT_TRANSFER_BROKEN',
  'E_TIMEOUT',
])

/**
 * Looks, without writing anything, whether a connection is good for what it is to do. Yields each line as it is known, and
 * returns what they prove together.
 */
export async function* prove(
  forge: Forge,
  draft: ConnectionDraft,
  options: { readonly clock: Clock; readonly signal?: AbortSignal },
): AsyncGenerator<CheckLine, Proof> {
  const { clock, signal } = options
  const lines: CheckLine[] = []
  for await (const line of forge.check(namesOfTarget(draft), signal)) {
    lines.push(line)
    yield line
  }
  const identity = lines.some(line => line.status === 'pass') ? await who(forge, signal) : undefined
  return { at: clock.now().toISOString(), outcome: outcomeOf(lines), lines, ...identity }
}

/** What the lines of a diagnosis prove together. */
export function outcomeOf(lines: readonly CheckLine[]): Proof['outcome'] {
  const failed = lines.filter(line => line.status === 'fail')
  if (failed.length > 0) return failed.every(line => noAnswer.has(line.code ?? '')) ? 'unknown' : 'failed'
  // Nothing that was looked at is no proof.
  return lines.some(line => line.status === 'pass') ? 'proven' : 'unknown'
}

async function who(forge: Forge, signal: AbortSignal | undefined): Promise<Pick<Proof, 'login' | 'expiresAt'>> {
  if (forge.kind === 'git') return {}
  try {
    const { login, expiresAt } = await forge.identify(signal)
    return { login, ...(expiresAt === undefined ? {} : { expiresAt }) }
  } catch {
    // The lines tell what is wrong.
    return {}
  }
}
