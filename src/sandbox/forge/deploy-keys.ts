import type { Store } from './store.ts'

/** A deploy key of a repository. */
export interface DeployKey {
  readonly id: number
  readonly title: string
  /** Type and base64 body, without comment. */
  readonly key: string
  readonly readOnly: boolean
  readonly addedBy: string
  readonly createdAt: string
}

/** The public key in a line of OpenSSH form, without its comment; undefined when it is none. */
export function parsePublicKey(text: string): string | undefined {
  const found =
    /^(ssh-(?:rsa|ed25519)|ecdsa-sha2-nistp(?:256|384|521)|sk-[\w@.-]+) ([A-Za-z0-9+/]+={0,2})(?: .*)?$/.exec(
      text.trim(),
    )
  if (!found) return undefined
  const [, type = '', body = ''] = found
  // The body repeats the type (RFC 4253, 6.6).
  const bytes = Buffer.from(body, 'base64')
  if (bytes.length < 4 + type.length || bytes.readUInt32BE(0) !== type.length) return undefined
  return bytes.toString('latin1', 4, 4 + type.length) === type ? `${type} ${body}` : undefined
}

/** Adds a key; undefined when it is in use, here or in another repository. */
export function insertKey(store: Store, repository: number, key: Omit<DeployKey, 'id'>): DeployKey | undefined {
  const { changes } = store
    .prepare(
      'INSERT INTO keys (repository, title, key, read_only, added_by, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    .run(repository, key.title, key.key, Number(key.readOnly), key.addedBy, key.createdAt)
  return changes === 0 ? undefined : keysOf(store, repository).find(found => found.key === key.key)
}

/** The keys of a repository. */
export function keysOf(store: Store, repository: number): DeployKey[] {
  return store
    .prepare('SELECT * FROM keys WHERE repository = ? ORDER BY id')
    .all(repository)
    .map(row => {
      const found = row as Record<string, string | number>
      return {
        id: found['id'] as number,
        title: found['title'] as string,
        key: found['key'] as string,
        readOnly: found['read_only'] === 1,
        addedBy: found['added_by'] as string,
        createdAt: found['created_at'] as string,
      }
    })
}

/** Removes a key. False when there was none. */
export function deleteKey(store: Store, repository: number, id: number): boolean {
  return store.prepare('DELETE FROM keys WHERE repository = ? AND id = ?').run(repository, id).changes > 0
}
