import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import type { CheckLine } from '../forges/index.ts'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import { Secret } from '../secrets/secret.ts'
import { fileKeyring, type Store, sealedValues } from '../store/index.ts'
import { onBothStores } from '../store/testing/stores.ts'
import { Connections } from './connections.ts'
import { gateFor } from './gate.ts'
import { openConnection } from './open.ts'
import { prove } from './prove.ts'
import { stateOf } from './state.ts'
import type { ConnectionCredential, ConnectionDraft, Proof } from './types.ts'

let dir: string
let forge: SandboxForge
let good: Secret

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-connections-'))
  forge = await startForge({ dataDir: join(dir, 'forge') })
  forge.admin.createUser({ login: 'octo' })
  forge.admin.createOrganization({ login: 'acme' })
  forge.admin.addMember('acme', 'octo', 'admin')
  good = forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo', 'admin:org'] })
})
afterAll(async () => {
  await forge.close()
  await rm(dir, { recursive: true, force: true })
})

const draft = (name = 'Acme', host = forge.url): ConnectionDraft => ({
  name,
  kind: 'github',
  host,
  settings: {
    owner: 'acme',
    personal: false,
    repository: 'fleet',
    branch: 'main',
    repositoryTemplate: '{app}-config',
    visibility: 'private',
    review: 'auto',
  },
})
const token = (secret: Secret): ConnectionCredential => ({ kind: 'token', token: secret })

async function proofOf(wish: ConnectionDraft, credential: ConnectionCredential): Promise<Proof> {
  const open = openConnection(wish, credential, { clock: systemClock, maxWaitMs: 1000 })
  const lines = prove(open, wish, { clock: systemClock })
  const seen: CheckLine[] = []
  try {
    for (;;) {
      const next = await lines.next()
      if (next.done) {
        expect(next.value.lines).toEqual(seen)
        return next.value
      }
      seen.push(next.value)
    }
  } finally {
    await open.close()
  }
}

onBothStores('connections', stores => {
  const open = async (): Promise<{ connections: Connections; store: Store }> => {
    const store = await stores.open()
    const keyring = await fileKeyring(join(await mkdtemp(join(dir, 'key-')), 'key'))
    return { store, connections: new Connections(store, sealedValues(keyring, systemClock), systemClock) }
  }
  const everywhere = { project: 'web', environment: 'staging' }

  it('are proven by the host, line by line, and open the gate', async () => {
    const { connections } = await open()
    expect(gateFor(await connections.list(), everywhere, new Date())).toMatchObject({
      open: false,
      connection: undefined,
    })
    const proof = await proofOf(draft(), token(good))
    expect(proof).toMatchObject({ outcome: 'proven', login: 'octo' })
    const saved = await connections.create({ draft: draft(), credential: token(good), proof, by: 'ana' })
    expect(saved).toMatchObject({ isDefault: true, version: 1, changedBy: 'ana' })
    expect(stateOf(saved, new Date())).toEqual({ state: 'proven', reason: 'every check passed' })
    expect(gateFor(await connections.list(), everywhere, new Date())).toMatchObject({ open: true })
    expect((await connections.credential(saved.id)) as object).toMatchObject({ kind: 'token' })
  })

  it('saved without a proof keep the gate closed, and say why', async () => {
    const { connections } = await open()
    const bad = token(Secret.of(`ghp_${'x'.repeat(36)}`))
    const proof = await proofOf(draft(), bad)
    expect(proof.outcome).toBe('failed')
    expect(proof.lines.filter(line => line.status === 'fail')).toHaveLength(1)
    const saved = await connections.create({
      draft: draft(),
      credential: bad,
      proof: { ...proof, insisted: true },
      by: 'ana',
    })
    expect(stateOf(saved, new Date()).state).toBe('unproven')
    const gate = gateFor(await connections.list(), everywhere, new Date())
    expect(gate).toMatchObject({ open: false, why: expect.stringContaining('is not proven') })
  })

  it('turn red when a proof fails that held before, and stay green while the host is away', async () => {
    const { connections } = await open()
    const passing = await proofOf(draft(), token(good))
    const saved = await connections.create({ draft: draft(), credential: token(good), proof: passing, by: 'ana' })
    const gone = draft('Acme', 'http://127.0.0.1:9')
    const away = await proofOf(gone, token(good))
    expect(away.outcome).toBe('unknown')
    expect(await connections.recordProof(saved.id, saved.version, away)).toBe(true)
    const after = await connections.get(saved.id)
    expect(stateOf(after, new Date()).state).toBe('proven')
    expect(stateOf(after, new Date(Date.now() + 2 * 3600_000)).state).toBe('attention')
    const failing = await proofOf(draft(), token(Secret.of(`ghp_${'y'.repeat(36)}`)))
    await connections.recordProof(saved.id, saved.version, failing)
    expect(stateOf(await connections.get(saved.id), new Date()).state).toBe('broken')
    expect((await connections.history(saved.id, 10)).map(one => one.outcome)).toEqual(['failed', 'unknown', 'proven'])
  })

  it('lose their credential when the host changes, and refuse an edit of an old version', async () => {
    const { connections } = await open()
    const proof = await proofOf(draft(), token(good))
    const saved = await connections.create({ draft: draft(), credential: token(good), proof, by: 'ana' })
    const elsewhere = { draft: draft('Acme', 'https://git.example.com'), by: 'bo' }
    await expect(connections.update(saved.id, 1, elsewhere)).rejects.toMatchObject({ code: 'E_CONNECTION_CREDENTIAL' })
    await connections.update(saved.id, 1, { draft: draft('Acme two'), by: 'bo' })
    await expect(connections.update(saved.id, 1, { draft: draft('three'), by: 'cy' })).rejects.toMatchObject({
      code: 'E_CONNECTION_CHANGED',
    })
    const now = await connections.get(saved.id)
    expect(now).toMatchObject({ name: 'Acme two', version: 2, proof: undefined })
    // A proof of what it was before says nothing of what it is now.
    expect(await connections.recordProof(saved.id, 1, proof)).toBe(false)
  })

  it('have one default, and one binding for each place', async () => {
    const { connections } = await open()
    const proof = await proofOf(draft(), token(good))
    const [a, b] = await Promise.all(
      ['a', 'b'].map(name => connections.create({ draft: draft(name), credential: token(good), proof, by: 'ana' })),
    )
    const defaults = (await connections.list()).filter(one => one.isDefault)
    expect(defaults).toHaveLength(1)
    const other = defaults[0]!.id === a!.id ? b! : a!
    await connections.bind(other.id, [{ project: 'web', environment: '*' }])
    const gate = gateFor(await connections.list(), everywhere, new Date())
    expect(gate.connection?.id).toBe(other.id)
    expect(gateFor(await connections.list(), { project: 'data', environment: 'x' }, new Date()).connection?.id).toBe(
      defaults[0]!.id,
    )
    await expect(connections.remove(defaults[0]!.id)).rejects.toMatchObject({ code: 'E_CONNECTION_IN_USE' })
    await connections.makeDefault(other.id)
    await connections.remove(defaults[0]!.id)
    await connections.remove(other.id)
    expect(await connections.list()).toEqual([])
    await expect(connections.credential(other.id)).rejects.toMatchObject({ code: 'E_SEALED_UNKNOWN' })
  })

  it('of one name are one, whatever the case', async () => {
    const { connections } = await open()
    await connections.create({ draft: draft('Acme'), credential: token(good), by: 'ana' })
    await expect(
      connections.create({ draft: draft('ACME'), credential: token(good), by: 'ana' }),
    ).rejects.toMatchObject({ code: 'E_CONNECTION_EXISTS' })
  })

  it('name the fields that cannot be right', async () => {
    const { connections } = await open()
    const wrong = { ...draft(' '), host: 'https://user:pw@git.example.com' }
    await expect(
      connections.create({
        draft: { ...wrong, settings: { ...wrong.settings, owner: '', repositoryTemplate: 'config', proxy: 'ftp://x' } },
        credential: token(good),
        by: 'ana',
      }),
    ).rejects.toMatchObject({
      code: 'E_CONNECTION_INVALID',
      facts: {
        details: {
          fields: [
            { path: ['name'] },
            { path: ['host'] },
            { path: ['settings', 'owner'] },
            { path: ['settings', 'proxy'] },
            { path: ['settings', 'repositoryTemplate'] },
          ],
        },
      },
    })
  })

  it('leave no credential in the database in plain', async () => {
    if (stores.kind !== 'sqlite') return
    const place = await stores.place()
    const store = await stores.open(place)
    const keyring = await fileKeyring(join(await mkdtemp(join(dir, 'key-')), 'key'))
    const connections = new Connections(store, sealedValues(keyring, systemClock), systemClock)
    const canary = Secret.of(`ghp_CANARY${'z'.repeat(30)}`)
    const proof = await proofOf(draft(), token(canary))
    await connections.create({ draft: draft(), credential: token(canary), proof, by: 'ana' })
    await store.close()
    // What is new may still stand in the log beside the file.
    const file = 'file' in place ? place.file : ''
    const bytes = Buffer.concat([file, `${file}-wal`].filter(existsSync).map(one => readFileSync(one)))
    expect(bytes.includes('Acme')).toBe(true)
    expect(bytes.includes(canary.reveal())).toBe(false)
  })
})
