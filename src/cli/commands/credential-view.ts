import { expiryOf } from '../../secrets/expiry.ts'
import type { CredentialMeta } from '../../secrets/store.ts'
import type { CliIo } from '../io.ts'
import { formatAge } from '../output/age.ts'
import type { ListView } from '../output/result.ts'

/** How credentials of the store are listed: everything but the value. */
export function credentialView(io: CliIo): ListView<CredentialMeta> {
  const now = new Date()
  return {
    empty: 'No credentials are kept. `sluice credential add HOST` keeps one, sealed.',
    name: row => `credential/${row.name}`,
    columns: [
      { header: 'NAME', value: row => row.name },
      { header: 'KIND', value: row => row.kind },
      { header: 'HOST', value: row => row.host },
      { header: 'OWNER', value: row => row.owner },
      {
        header: 'EXPIRES',
        value: row => expiryText(row.expires, now),
        paint: (text, row) => paintExpiry(io, text, row.expires, now),
      },
      { header: 'FORGE', value: row => row.forge, wide: true },
      { header: 'USERNAME', value: row => row.username, wide: true },
      { header: 'FINGERPRINT', value: row => row.fingerprint, wide: true },
      { header: 'PROVEN', value: row => formatAge(row.proven, now), wide: true },
      { header: 'AGE', value: row => formatAge(row.added, now) },
    ],
  }
}

/** `2026-05-04 (3d)`, `never or untold`. */
export function expiryText(expires: string | undefined, now: Date): string {
  const expiry = expires === undefined ? undefined : expiryOf(expires, now)
  if (!expiry) return '-'
  return `${expiry.at.slice(0, 10)} (${expiry.days < 0 ? 'ended' : `${expiry.days}d`})`
}

export function paintExpiry(io: CliIo, text: string, expires: string | undefined, now: Date): string {
  const expiry = expires === undefined ? undefined : expiryOf(expires, now)
  if (expiry?.threshold === undefined) return text
  return expiry.days < 3 ? io.out.bad(text) : io.out.attention(text)
}
