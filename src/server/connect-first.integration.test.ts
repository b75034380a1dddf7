import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type SandboxForge, startForge } from '../sandbox/forge/index.ts'
import { Secret } from '../secrets/secret.ts'
import { connectFirst } from './connect-first.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

let dir: string
let forge: SandboxForge
let test: TestServer
let token: Secret
const signal = new AbortController().signal

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-first-'))
  forge = await startForge({ dataDir: join(dir, 'forge') })
  forge.admin.createUser({ login: 'octo' })
  forge.admin.createOrganization({ login: 'acme' })
  forge.admin.addMember('acme', 'octo', 'admin')
  token = forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo', 'admin:org'] })
  test = await startTestServer()
})
afterAll(async () => {
  await test.close()
  await forge.close()
  await rm(dir, { recursive: true, force: true })
})

const connect = (secret: Secret) => {
  const settings = {
    owner: 'acme',
    personal: false,
    repository: 'fleet',
    branch: 'main',
    repositoryTemplate: '{app}',
    visibility: 'private',
    review: 'auto',
  } as const
  const draft = { name: 'Sandbox', kind: 'github', host: forge.url, settings } as const
  return connectFirst(test.server.context, draft, { kind: 'token', token: secret }, signal)
}
const list = async () => (await test.administrator.call('GET', '/api/v1/connections')).body.connections

it('connects a host that is known from the start, proven; never one that does not prove, nor one that was removed', async () => {
  expect(await connect(Secret.of(`ghp_${'y'.repeat(36)}`))).toBeUndefined()
  expect(await list()).toEqual([])
  await connect(token)
  const [saved] = await list()
  expect(saved).toMatchObject({ name: 'Sandbox', state: 'proven', isDefault: true, changedBy: 'server' })
  expect((await test.administrator.call('GET', '/api/v1/gate')).body.open).toBe(true)
  await connect(token)
  expect(await list()).toHaveLength(1)
  await test.administrator.call('DELETE', `/api/v1/connections/${saved.id}`)
  await connect(token)
  expect(await list()).toEqual([])
})
