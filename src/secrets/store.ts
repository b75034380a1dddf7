import { randomBytes } from 'node:crypto'
import { SluiceError } from '../base/errors/index.ts'
import { adoptNextKey, dropNextKey, type MasterKey, makeKeyFile, nextKeyFile, readKeyFile } from './key-file.ts'
import { createSealer, sealingKeyBytes } from './sealing.ts'
import { Secret } from './secret.ts'
import { readStoreFile, type SealedEntry, type StoreDocument, withStoreLock, writeStoreFile } from './store-file.ts'
import type { CredentialMeta, CredentialPatch, CredentialValue } from './store-types.ts'

export type { CredentialKind, CredentialMeta, CredentialPatch, CredentialValue } from './store-types.ts'

export interface StoreOptions {
  /** The file of the store; its folder gets mode 0700. */
  readonly path: string
  /** The file of the master key: somewhere else than the store, so that a copy of one is worth nothing alone. */
  readonly keyFile: string
}

/**
 * Credentials by name, sealed at rest: each value with a data key of its own (AES-256-GCM), each data key with the master
 * key, both bound to everything that stands beside the value in the clear. What is on disk is always one whole version.
 *
 * @example
 * const store = new SecretStore({ path: '.sluice/credentials/store.json', keyFile: '/home/me/.config/sluice/store.key' })
 * await store.put({ name: 'github.com', kind: 'token', host: 'github.com', fingerprint, added }, { secret: token })
 * const { value } = await store.open('github.com')
 */
export class SecretStore {
  readonly path: string
  readonly keyFile: string

  constructor({ path, keyFile }: StoreOptions) {
    this.path = path
    this.keyFile = keyFile
  }

  /** What is there, sorted by name. Needs no key: nothing is opened. */
  async list(): Promise<CredentialMeta[]> {
    const metas = ((await readStoreFile(this.path))?.entries ?? []).map(entry => entry.meta)
    return metas.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** One credential with its value. Fails with E_CREDENTIAL_UNKNOWN, E_STORE_WRONG_KEY, E_STORE_KEY or E_STORE_DAMAGED. */
  async open(name: string): Promise<{ readonly meta: CredentialMeta; readonly value: CredentialValue }> {
    for (let tries = 1; ; tries++) {
      const document = await readStoreFile(this.path)
      const entry = find(document, name)
      try {
        return { meta: entry.meta, value: this.#unseal(entry, await this.#keyOf(document!)) }
      } catch (error) {
        // A rekey beside us may have put the next key in place between the two reads.
        if (tries >= 3 || !(error instanceof SluiceError) || error.code !== 'E_STORE_WRONG_KEY') throw error
      }
    }
  }

  /** Adds a credential. Fails with E_CREDENTIAL_EXISTS unless `replace` says so. */
  async put(meta: CredentialMeta, value: CredentialValue, options: { readonly replace?: boolean } = {}): Promise<void> {
    checkMeta(meta)
    await this.#change((entries, key) => {
      if (!options.replace && entries.some(entry => entry.meta.name === meta.name)) {
        throw new SluiceError('E_CREDENTIAL_EXISTS', { object: meta.name })
      }
      return [...entries.filter(entry => entry.meta.name !== meta.name), seal(meta, value, key)]
    })
  }

  /** Writes down what became known of a credential. */
  async update(name: string, patch: CredentialPatch): Promise<void> {
    await this.#change((entries, key, document) => {
      const entry = find(document, name)
      const sealed = seal({ ...entry.meta, ...patch }, this.#unseal(entry, key), key)
      return entries.map(one => (one === entry ? sealed : one))
    })
  }

  /** Removes a credential; it needs no key. Fails with E_CREDENTIAL_UNKNOWN. */
  async remove(name: string): Promise<CredentialMeta> {
    return withStoreLock(this.path, async () => {
      const document = await readStoreFile(this.path)
      const entry = find(document, name)
      await writeStoreFile(this.path, { ...document!, entries: document!.entries.filter(one => one !== entry) })
      return entry.meta
    })
  }

  /**
   * Seals every data key with a new master key. The new key is on disk before anything is sealed with it, and the old one
   * goes last: ended at any write, either key file opens the store. Gives the number of credentials.
   */
  async rekey(): Promise<number> {
    return withStoreLock(this.path, async () => {
      const document = await readStoreFile(this.path)
      if (!document) throw new SluiceError('E_STORE_KEY', { object: this.path, seen: 'no store yet' })
      const old = await this.#keyOf(document, true)
      const next = await makeKeyFile(nextKeyFile(this.keyFile))
      const entries = document.entries.map(entry => seal(entry.meta, this.#unseal(entry, old), next))
      await writeStoreFile(this.path, { format: 1, keyId: next.id, entries })
      await adoptNextKey(this.keyFile)
      return entries.length
    })
  }

  async #change(
    work: (entries: readonly SealedEntry[], key: MasterKey, document: StoreDocument | undefined) => SealedEntry[],
  ): Promise<void> {
    await withStoreLock(this.path, async () => {
      const document = await readStoreFile(this.path)
      const key = document ? await this.#keyOf(document, true) : await this.#firstKey()
      const entries = work(document?.entries ?? [], key, document)
      await writeStoreFile(this.path, { format: 1, keyId: key.id, entries })
    })
  }

  /** The key for a store that holds nothing yet: the one that is there, or a new one. */
  async #firstKey(): Promise<MasterKey> {
    return (await readKeyFile(this.keyFile)) ?? makeKeyFile(this.keyFile)
  }

  /**
   * The key that a document was sealed with. A rekey that was ended before its last step left it in the next key's place;
   * a writer then ends that step.
   */
  async #keyOf({ keyId, entries }: StoreDocument, mayAdopt = false): Promise<MasterKey> {
    const key = await readKeyFile(this.keyFile)
    if (key?.id === keyId) {
      if (mayAdopt) await dropNextKey(this.keyFile)
      return key
    }
    const next = await readKeyFile(nextKeyFile(this.keyFile))
    if (next?.id === keyId) {
      if (mayAdopt) await adoptNextKey(this.keyFile)
      return next
    }
    // Nothing is sealed: any key will do from here on.
    if (entries.length === 0) return key ?? makeKeyFile(this.keyFile)
    if (!key) throw new SluiceError('E_STORE_KEY', { object: this.keyFile, expected: 'the key file', seen: 'none' })
    throw new SluiceError('E_STORE_WRONG_KEY', {
      object: this.keyFile,
      expected: `the key ${keyId}`,
      seen: `the key ${key.id}`,
    })
  }

  #unseal(entry: SealedEntry, master: MasterKey): CredentialValue {
    try {
      const aad = aadOf(entry.meta)
      const dataKey = createSealer(master.bytes).unseal(Buffer.from(entry.key, 'base64'), aad)
      const text = createSealer(dataKey).unseal(Buffer.from(entry.value, 'base64'), aad).toString('utf8')
      const { secret, passphrase } = JSON.parse(text) as { secret: string; passphrase?: string }
      return { secret: Secret.of(secret), ...(passphrase !== undefined && { passphrase: Secret.of(passphrase) }) }
    } catch {
      // The cause could quote what it opened.
      throw new SluiceError('E_STORE_DAMAGED', { object: `${this.path} ${entry.meta.name}` })
    }
  }
}

function seal(meta: CredentialMeta, { secret, passphrase }: CredentialValue, master: MasterKey): SealedEntry {
  const aad = aadOf(meta)
  const dataKey = randomBytes(sealingKeyBytes)
  const text = JSON.stringify({
    secret: secret.reveal(),
    ...(passphrase !== undefined && { passphrase: passphrase.reveal() }),
  })
  return {
    meta,
    key: createSealer(master.bytes).seal(dataKey, aad).toString('base64'),
    value: createSealer(dataKey).seal(text, aad).toString('base64'),
  }
}

/** Everything in the clear, in one form whatever the order of keys: a changed host does not open. */
function aadOf(meta: CredentialMeta): string {
  return JSON.stringify(Object.entries(meta).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function find(document: StoreDocument | undefined, name: string): SealedEntry {
  const entry = document?.entries.find(one => one.meta.name === name)
  if (!entry) throw new SluiceError('E_CREDENTIAL_UNKNOWN', { object: name })
  return entry
}

function checkMeta({ name, host }: CredentialMeta): void {
  if (!/^[A-Za-z0-9[][A-Za-z0-9._:/@[\]-]{0,200}$/.test(name) || name.includes('..')) {
    throw new SluiceError('E_CREDENTIAL_INVALID', {
      object: 'name',
      expected: 'letters, digits and . _ - : / @, at most 201',
      seen: JSON.stringify(name.slice(0, 60)),
    })
  }
  if (host === '') throw new SluiceError('E_CREDENTIAL_INVALID', { object: name, expected: 'a host', seen: 'none' })
}
