import { type Connection, type ConnectionCredential, type Proof, stateOf } from '../../../connections/index.ts'
import { Secret } from '../../../secrets/secret.ts'
import type { ConnectionView, CredentialWish, ProofView } from '../../contract/connections.ts'

/** A connection as the API gives it: nothing of its credential. */
export function viewOf(connection: Connection, now: Date): ConnectionView {
  const { proof, provenAt, nextProofAt, settings, bindings, ...rest } = connection
  return {
    ...rest,
    settings: { ...settings },
    bindings: bindings.map(one => ({ ...one })),
    ...stateOf(connection, now),
    ...(proof === undefined ? {} : { proof: proofView(proof) }),
    ...(provenAt === undefined ? {} : { provenAt }),
    ...(nextProofAt === undefined ? {} : { nextProofAt }),
  }
}

export function proofView(proof: Proof): ProofView {
  return { ...proof, lines: proof.lines.map(line => ({ ...line })) }
}

export function credentialOf(wish: CredentialWish): ConnectionCredential {
  if ('token' in wish) return { kind: 'token', token: Secret.of(wish.token.trim()) }
  const { privateKey, passphrase } = wish
  return {
    kind: 'ssh',
    privateKey: Secret.of(privateKey),
    ...(passphrase === undefined || passphrase === '' ? {} : { passphrase: Secret.of(passphrase) }),
  }
}
