/** A commit or tag taken apart into what was signed and its signature. */
export interface SignedObject {
  readonly payload: Buffer
  /** Armored: PGP or SSH. Undefined when it is not signed. */
  readonly signature: string | undefined
}

const armors = ['-----BEGIN PGP SIGNATURE-----', '-----BEGIN SSH SIGNATURE-----']

/** A commit's signature is its header `gpgsig`; what was signed is the commit without it (git's parse_signed_commit). */
export function signedCommit(bytes: Buffer): SignedObject {
  const text = bytes.toString('latin1')
  const end = text.indexOf('\n\n')
  const lines = text.slice(0, end < 0 ? text.length : end).split('\n')
  const kept: string[] = []
  const signature: string[] = []
  let inside: 'signature' | 'dropped' | undefined
  for (const line of lines) {
    if (line.startsWith(' ') && inside !== undefined) {
      if (inside === 'signature') signature.push(line.slice(1))
      continue
    }
    inside = undefined
    if (line.startsWith('gpgsig ')) {
      inside = 'signature'
      signature.push(line.slice(7))
    } else if (line.startsWith('gpgsig-sha256 ')) {
      inside = 'dropped'
    } else {
      kept.push(line)
    }
  }
  const payload = Buffer.from(kept.join('\n') + (end < 0 ? '' : text.slice(end)), 'latin1')
  return { payload, signature: signature.length === 0 ? undefined : signature.join('\n') }
}

/** A tag's signature stands at its end. */
export function signedTag(bytes: Buffer): SignedObject {
  const text = bytes.toString('latin1')
  const at = Math.max(...armors.map(armor => (text.startsWith(armor) ? 0 : text.lastIndexOf(`\n${armor}`) + 1)))
  if (at <= 0) return { payload: bytes, signature: undefined }
  return { payload: Buffer.from(text.slice(0, at), 'latin1'), signature: text.slice(at) }
}
