import { expiryOf } from '../../secrets/expiry.ts'
import { withCluster } from '../connect.ts'
import { type CliIo, note } from '../io.ts'
import type { ListView } from '../output/result.ts'
import type { ClusterOptions } from './command.ts'
import { storeOf } from './credential-sources.ts'
import { expiryText, paintExpiry } from './credential-view.ts'

/** A credential, wherever it is kept; never its value. */
export interface CredentialRow {
  readonly kept: 'cluster' | 'store'
  readonly namespace: string | undefined
  readonly name: string
  readonly kind: 'token' | 'ssh-key' | undefined
  readonly host: string
  readonly expires: string | undefined
  /** What fetches with it: `GitRepository/flux-system`. */
  readonly usedBy: readonly string[]
}

interface RowOptions extends ClusterOptions {
  readonly namespace?: string
}

/** The Secrets that sources fetch with, and what the store of the data folder keeps. */
export async function credentialRows(options: RowOptions, io: CliIo): Promise<CredentialRow[]> {
  const { credentialHolders } = await import('../../fleet/credential-holders.ts')
  const holders = await withCluster(options, io, ({ client }) => credentialHolders(client, { signal: io.signal }))
  const rows = holders
    .filter(holder => options.namespace === undefined || holder.namespace === options.namespace)
    .map(
      (holder): CredentialRow => ({
        kept: 'cluster',
        namespace: holder.namespace,
        name: holder.name,
        kind: holder.key === undefined ? undefined : holder.key === 'identity' ? 'ssh-key' : 'token',
        host: holder.host,
        expires: holder.expires,
        usedBy: holder.sources.map(source => `${source.kind.kind}/${source.name}`),
      }),
    )
  const { store } = await storeOf(options, io)
  const kept = (await store.list()).map(
    (meta): CredentialRow => ({
      kept: 'store',
      namespace: undefined,
      name: meta.name,
      kind: meta.kind,
      host: meta.host,
      expires: meta.expires,
      usedBy: [],
    }),
  )
  return [...rows, ...(options.namespace === undefined ? kept : [])]
}

export function credentialRowView(io: CliIo): ListView<CredentialRow> {
  const now = new Date()
  return {
    empty: 'No source fetches with a credential, and none is kept in the store.',
    name: row => (row.kept === 'cluster' ? `secret/${row.name}` : `credential/${row.name}`),
    columns: [
      { header: 'KEPT', value: row => row.kept },
      { header: 'NAMESPACE', value: row => row.namespace ?? '-' },
      { header: 'NAME', value: row => row.name },
      { header: 'KIND', value: row => row.kind ?? 'missing' },
      { header: 'HOST', value: row => row.host },
      {
        header: 'EXPIRES',
        value: row => expiryText(row.expires, now),
        paint: (text, row) => paintExpiry(io, text, row.expires, now),
      },
      { header: 'USED BY', value: row => (row.usedBy.length === 0 ? '-' : row.usedBy.join(', ')) },
    ],
  }
}

/** Says on standard error which credentials end within two weeks. A list is never held up by it. */
export async function warnOfExpiry(options: RowOptions, io: CliIo, known?: readonly CredentialRow[]): Promise<void> {
  const now = new Date()
  const rows =
    known ??
    (await credentialRows(options, io).catch(() => {
      io.signal.throwIfAborted()
      return []
    }))
  for (const row of rows) {
    const warning = row.expires === undefined ? undefined : expiryOf(row.expires, now)?.warning
    if (warning === undefined) continue
    const where = row.kept === 'cluster' ? `Secret/${row.namespace}/${row.name}` : `credential/${row.name}`
    note(io, `${io.err.attention('warning')} ${where}: the credential for ${row.host} ${warning}`)
  }
}
