import { expiryOf } from '../secrets/expiry.ts'
import type { Connection, ConnectionState } from './types.ts'

/** A host that could not be asked for so long makes a green tick amber, in milliseconds. */
const silentMs = 60 * 60_000
/** A connection that holds is asked again after so long; one that does not, sooner. In milliseconds. */
const againMs = { proven: 5 * 60_000, failed: 2 * 60_000, unknown: 60_000 } as const

/** What the tick of a connection says now, and why: the reason is a phrase. */
export function stateOf(
  connection: Pick<Connection, 'proof' | 'provenAt'>,
  now: Date,
): { readonly state: ConnectionState; readonly reason: string } {
  const { proof, provenAt } = connection
  if (!proof) return { state: 'unproven', reason: 'saved, and not proven yet' }
  const expiry = proof.expiresAt === undefined ? undefined : expiryOf(proof.expiresAt, now)
  const end = expiry === undefined ? Number.NaN : Date.parse(expiry.at)
  // The host's word counts, not this clock.
  if (end <= Date.parse(proof.at) && proof.outcome === 'proven')
    return {
      state: 'attention',
      reason: `the host takes the credential, which ${expiry?.warning} by the clock of this server`,
    }
  if (end <= now.getTime()) return { state: 'broken', reason: `the credential ${expiry?.warning}` }
  if (proof.outcome === 'failed') {
    const failed = proof.lines.find(line => line.status === 'fail')
    const reason = failed ? `${failed.title}: ${failed.detail ?? 'it failed'}` : 'the last proof failed'
    return { state: provenAt === undefined ? 'unproven' : 'broken', reason }
  }
  if (provenAt === undefined) return { state: 'unproven', reason: 'the host could not be asked yet' }
  const age = now.getTime() - Date.parse(provenAt)
  if (proof.outcome === 'unknown' && age > silentMs)
    return { state: 'attention', reason: 'the host could not be asked since it was last proven' }
  if (expiry?.warning !== undefined) return { state: 'attention', reason: `the credential ${expiry.warning}` }
  return { state: 'proven', reason: 'every check passed' }
}

/** The same for those who do not set connections: which check failed, and nothing of what it found about the owner or the token. */
export function plainStateOf(
  connection: Pick<Connection, 'proof' | 'provenAt'>,
  now: Date,
): { readonly state: ConnectionState; readonly reason: string } {
  const { state, reason } = stateOf(connection, now)
  const { proof } = connection
  const expiry = proof?.expiresAt === undefined ? undefined : expiryOf(proof.expiresAt, now)
  if (expiry?.warning !== undefined && reason.includes(expiry.warning)) {
    if (state === 'broken') return { state, reason: 'the credential has ended' }
    const ended = Date.parse(expiry.at) <= now.getTime()
    return {
      state,
      reason: ended ? 'the credential has ended by the clock of this server' : 'the credential ends soon',
    }
  }
  const failed = proof?.outcome === 'failed' ? proof.lines.find(line => line.status === 'fail') : undefined
  return { state, reason: failed === undefined ? reason : `a check failed: ${failed.title}` }
}

/** Whether a connection is to be looked at again. One that is due later than it could be was put off by a clock that was wrong. */
export function isDue({ nextProofAt }: Pick<Connection, 'nextProofAt'>, now: Date): boolean {
  if (nextProofAt === undefined) return true
  const wait = Date.parse(nextProofAt) - now.getTime()
  return !(wait > 0 && wait <= 2 * againMs.proven)
}

/** When a connection is looked at again: at its end at the latest, so that no tick outlives its credential. */
export function nextProofAfter(proof: Connection['proof'], now: Date): string {
  const next = now.getTime() + againMs[proof?.outcome ?? 'unknown']
  const end = proof?.expiresAt === undefined ? Number.NaN : Date.parse(proof.expiresAt)
  const at = end > now.getTime() ? Math.min(next, end + 1000) : next
  return new Date(at).toISOString()
}
