import { createHmac, timingSafeEqual } from 'node:crypto'
import { canonicalJson } from '../../../base/json.ts'
import type { ConnectionCredential, ConnectionDraft, Proof } from '../../../connections/index.ts'

/**
 * Binds a proof to exactly what was proven: the settings and the credential. What is saved with a proof has to give the same
 * seal, so that nothing can be saved as proven that was not.
 */
export function sealOf(key: Buffer, draft: ConnectionDraft, credential: ConnectionCredential, proof: Proof): string {
  const parts =
    credential.kind === 'token'
      ? [credential.token.reveal()]
      : [credential.privateKey.reveal(), credential.passphrase?.reveal() ?? '']
  return createHmac('sha256', key)
    .update(canonicalJson({ proven: provenPart(draft), proof, kind: credential.kind, parts }))
    .digest('base64url')
}

export function sealHolds(seal: string, expected: string): boolean {
  const [a, b] = [Buffer.from(seal), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

/** What a host was asked about. The name, and what applications' repositories are called, say nothing to it. */
export function provenPart({ kind, host, settings }: ConnectionDraft): unknown {
  const { repositoryTemplate: _, ...asked } = settings
  return JSON.parse(JSON.stringify({ kind, host, settings: asked }))
}
