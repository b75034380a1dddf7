import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextKeyFile } from './key-file.ts'
import { Secret } from './secret.ts'
import { type CredentialMeta, SecretStore } from './store.ts'

let dir: string
let store: SecretStore
const value = 'glpat-canary-3fd5a1c9e7'
const meta = (name: string): CredentialMeta => ({
  name,
  kind: 'token',
  host: 'git.example.com:8443',
  fingerprint: '0123456789abcdef',
  added: '2026-01-02T03:04:05.000Z',
})

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-store-'))
  store = new SecretStore({ path: join(dir, 'data/credentials/store.json'), keyFile: join(dir, 'config/store.key') })
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const reveal = async (name: string, from = store) => (await from.open(name)).value.secret.reveal()

describe('the sealed store', () => {
  it('gives back what was put in, with a passphrase beside it', async () => {
    await store.put(meta('a'), { secret: Secret.of(value), passphrase: Secret.of('open sesame') })
    await store.put(meta('b'), { secret: Secret.of('second value') })
    const { value: opened } = await store.open('a')
    expect([opened.secret.reveal(), opened.passphrase?.reveal()]).toEqual([value, 'open sesame'])
    expect(await reveal('b')).toBe('second value')
    expect((await store.list()).map(one => one.name)).toEqual(['a', 'b'])
  })

  it('is readable by its owner alone, and its key lies elsewhere', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    expect(statSync(store.path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(store.path)).mode & 0o777).toBe(0o700)
    expect(statSync(store.keyFile).mode & 0o777).toBe(0o600)
    expect(existsSync(`${store.path}.lock`)).toBe(false)
  })

  it('holds the value in no form', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    const bytes = readFileSync(store.path)
    for (const form of [value, encodeURIComponent(value)]) expect(bytes.includes(form)).toBe(false)
    for (const encoding of ['base64', 'hex', 'base64url'] as const)
      expect(bytes.includes(Buffer.from(value).toString(encoding).slice(0, 20))).toBe(false)
  })

  it('lists without the key, and opens nothing without it', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    rmSync(store.keyFile)
    expect(await store.list()).toHaveLength(1)
    await expect(store.open('a')).rejects.toMatchObject({ code: 'E_STORE_KEY' })
    await expect(store.put(meta('b'), { secret: Secret.of('x') })).rejects.toMatchObject({ code: 'E_STORE_KEY' })
    expect(existsSync(store.keyFile)).toBe(false)
  })

  it('names another key as such, and a key file that others can read', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    const other = new SecretStore({ path: join(dir, 'other.json'), keyFile: join(dir, 'other.key') })
    await other.put(meta('x'), { secret: Secret.of('y') })
    const mixed = new SecretStore({ path: store.path, keyFile: other.keyFile })
    await expect(mixed.open('a')).rejects.toMatchObject({ code: 'E_STORE_WRONG_KEY' })
    writeFileSync(join(dir, 'open.key'), readFileSync(store.keyFile), { mode: 0o644 })
    const open = new SecretStore({ path: store.path, keyFile: join(dir, 'open.key') })
    await expect(open.open('a')).rejects.toThrow(/mode 0644/)
  })

  it.each(['host', 'kind', 'name', 'fingerprint', 'added', 'username', 'forge'])(
    'does not open when %s beside the value was changed',
    async field => {
      await store.put({ ...meta('a'), username: 'octo', forge: 'gitlab' }, { secret: Secret.of(value) })
      const document = JSON.parse(readFileSync(store.path, 'utf8'))
      document.entries[0].meta[field] = field === 'name' ? 'a2' : 'evil.example.com'
      writeFileSync(store.path, JSON.stringify(document))
      await expect(store.open(field === 'name' ? 'a2' : 'a')).rejects.toMatchObject({ code: 'E_STORE_DAMAGED' })
    },
  )

  it('does not open when a sealed byte was changed, or an entry was swapped for another', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    await store.put(meta('b'), { secret: Secret.of('other') })
    const document = JSON.parse(readFileSync(store.path, 'utf8'))
    const bytes = Buffer.from(document.entries[0].value, 'base64')
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes)
      changed[i]! ^= 1
      const entries = [{ ...document.entries[0], value: changed.toString('base64') }]
      writeFileSync(store.path, JSON.stringify({ ...document, entries }))
      await expect(store.open('a')).rejects.toMatchObject({ code: 'E_STORE_DAMAGED' })
    }
    const [a, b] = document.entries
    writeFileSync(store.path, JSON.stringify({ ...document, entries: [{ ...a, key: b.key, value: b.value }] }))
    await expect(store.open('a')).rejects.toMatchObject({ code: 'E_STORE_DAMAGED' })
  })

  it.each(['', '{', '[]', '{"format":2,"keyId":"x","entries":[]}', '{"format":1,"keyId":"x","entries":[{}]}'])(
    'says of a file with %j that it is damaged',
    async text => {
      await store.put(meta('a'), { secret: Secret.of(value) })
      writeFileSync(store.path, text)
      await expect(store.list()).rejects.toMatchObject({ code: 'E_STORE_DAMAGED' })
    },
  )

  it('overwrites nothing unless told to, and removes what is named', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    await expect(store.put(meta('a'), { secret: Secret.of('new') })).rejects.toMatchObject({
      code: 'E_CREDENTIAL_EXISTS',
    })
    await store.put(meta('a'), { secret: Secret.of('new') }, { replace: true })
    expect(await reveal('a')).toBe('new')
    await store.remove('a')
    await expect(store.open('a')).rejects.toMatchObject({ code: 'E_CREDENTIAL_UNKNOWN' })
    await expect(store.put(meta('../x'), { secret: Secret.of('v') })).rejects.toMatchObject({
      code: 'E_CREDENTIAL_INVALID',
    })
  })

  it('keeps the value when what is known of it changes', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    await store.update('a', { owner: 'octo', expires: '2027-01-01T00:00:00Z' })
    expect((await store.list())[0]).toMatchObject({ owner: 'octo', expires: '2027-01-01T00:00:00Z' })
    expect(await reveal('a')).toBe(value)
  })

  it('takes writers one at a time: none is lost', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `n${i}`)
    await Promise.all(names.map(name => store.put(meta(name), { secret: Secret.of(name) })))
    expect(await Promise.all(names.map(name => reveal(name)))).toEqual(names)
  })

  it('takes over the lock of a writer that is gone', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    writeFileSync(`${store.path}.lock`, '4194303')
    await store.put(meta('b'), { secret: Secret.of('x') })
    expect(await store.list()).toHaveLength(2)
  })
})

describe('a new key', () => {
  it('opens everything, and the old one nothing', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    copyFileSync(store.keyFile, join(dir, 'old.key'))
    expect(await store.rekey()).toBe(1)
    expect(await reveal('a')).toBe(value)
    const old = new SecretStore({ path: store.path, keyFile: join(dir, 'old.key') })
    await expect(old.open('a')).rejects.toMatchObject({ code: 'E_STORE_WRONG_KEY' })
    expect(existsSync(nextKeyFile(store.keyFile))).toBe(false)
  })

  it('that was made but seals nothing yet does no harm', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    writeFileSync(nextKeyFile(store.keyFile), `${Buffer.alloc(32, 7).toString('base64')}\n`, { mode: 0o600 })
    expect(await reveal('a')).toBe(value)
    await store.update('a', { owner: 'octo' })
    expect(existsSync(nextKeyFile(store.keyFile))).toBe(false)
  })

  it('that is not in its place yet is found there, and put in its place by the next write', async () => {
    await store.put(meta('a'), { secret: Secret.of(value) })
    copyFileSync(store.keyFile, join(dir, 'old.key'))
    await store.rekey()
    // As after a kill before the last step.
    copyFileSync(store.keyFile, nextKeyFile(store.keyFile))
    copyFileSync(join(dir, 'old.key'), store.keyFile)
    expect(await reveal('a')).toBe(value)
    await store.put(meta('b'), { secret: Secret.of('x') })
    expect(existsSync(nextKeyFile(store.keyFile))).toBe(false)
    expect(await reveal('a')).toBe(value)
  })
})
