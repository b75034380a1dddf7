import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startForge } from '../sandbox/forge/index.ts'
import { bitbucketServerStandIn, giteaStandIn, startStandIn } from '../sandbox/forge/stand-ins/index.ts'
import { detectForgeKind, locateForge } from './index.ts'

const userAgent = 'sluice/test'
let dir: string
const ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-locate-'))
})

afterAll(async () => {
  for (const end of ends) await end()
  await rm(dir, { recursive: true, force: true })
})

/** A server of one answer; the headers of what it was asked are kept. */
async function serve(status: number, type: string, body: string, headers: Record<string, string> = {}) {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? 'anonymous'}`)
    response.writeHead(status, { 'content-type': type, ...headers }).end(body)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  ends.push(async () => server.close())
  return { host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

describe('what software a Git host runs', () => {
  it('is found out by asking without a credential', async () => {
    const forge = await startForge({ dataDir: join(dir, 'forge') })
    const gitea = await startStandIn(giteaStandIn, join(dir, 'gitea'))
    const bitbucket = await startStandIn(bitbucketServerStandIn, join(dir, 'bitbucket'))
    ends.push(
      () => forge.close(),
      () => gitea.close(),
      () => bitbucket.close(),
    )
    expect(await detectForgeKind(forge.url, { userAgent })).toBe('github')
    expect(await detectForgeKind(gitea.host, { userAgent })).toBe('gitea')
    expect(await detectForgeKind(bitbucket.host, { userAgent })).toBe('bitbucket-server')
    const gitlab = await serve(401, 'application/json', '{"message":"401 Unauthorized"}')
    expect(await detectForgeKind(gitlab.host, { userAgent })).toBe('gitlab')
    expect(gitlab.asked).toEqual(['GET /api/v3/meta anonymous', 'GET /api/v4/version anonymous'])
  })

  it('is said to be unknown when the host is no Git host', async () => {
    const shop = await serve(200, 'text/html', '<title>Shop</title>')
    await expect(detectForgeKind(shop.host, { userAgent })).rejects.toMatchObject({
      code: 'E_FORGE_KIND_UNKNOWN',
      facts: { object: shop.host, next: expect.stringContaining('--provider') },
    })
  })

  it('is not guessed when nothing answers', async () => {
    await expect(detectForgeKind('http://127.0.0.1:1', { userAgent })).rejects.toMatchObject({
      code: 'E_FORGE_UNREACHABLE',
    })
  })
})

describe('which Git host is meant', () => {
  it.each([
    [{}, { kind: 'github', host: 'github.com' }],
    [{ provider: 'gitlab' }, { kind: 'gitlab', host: 'gitlab.com' }],
    [
      { provider: 'GitLab', host: 'git.example.com' },
      { kind: 'gitlab', host: 'git.example.com' },
    ],
    [{ host: 'codeberg.org' }, { kind: 'gitea', host: 'codeberg.org' }],
    [{ repositoryUrl: 'https://gitlab.com/a/b/c.git' }, { kind: 'gitlab', host: 'gitlab.com' }],
    [{ repositoryUrl: 'git@github.com:acme/fleet.git' }, { kind: 'github', host: 'github.com' }],
    [
      { repositoryUrl: 'ssh://git@ssh.dev.azure.com/v3/acme/Ops/fleet' },
      { kind: 'azure-devops', host: 'dev.azure.com/acme' },
    ],
    [
      { repositoryUrl: 'https://dev.azure.com/acme/Ops/_git/fleet' },
      { kind: 'azure-devops', host: 'dev.azure.com/acme' },
    ],
    [
      { repositoryUrl: 'ssh://git@git.example.com:7999/ops/fleet' },
      { kind: 'git', url: 'ssh://git@git.example.com:7999/ops/fleet' },
    ],
    [
      { repositoryUrl: 'ssh://KEY@git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet' },
      { kind: 'git', url: 'ssh://KEY@git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet' },
    ],
    [
      { repositoryUrl: 'ssh://git@github.com/acme/fleet', plain: true },
      { kind: 'git', url: 'ssh://git@github.com/acme/fleet' },
    ],
    [
      { repositoryUrl: 'ssh://git@github.com/acme/fleet', plain: true, provider: 'github' },
      { kind: 'github', host: 'github.com' },
    ],
    [
      { repositoryUrl: 'https://git.example.com:8443/a/b', provider: 'gitea' },
      { kind: 'gitea', host: 'git.example.com:8443' },
    ],
  ])('%j → %j', async (said, located) => {
    expect(await locateForge({ ...said, userAgent })).toEqual(located)
  })

  it.each([
    [{ provider: 'gitea' }, 'E_FORGE_HOST_MISSING'],
    [{ provider: 'azure' }, 'E_FORGE_HOST_MISSING'],
    [{ provider: 'git' }, 'E_FORGE_HOST_MISSING'],
    [{ provider: 'sourceforge' }, 'E_FORGE_KIND_UNKNOWN'],
    [{ repositoryUrl: 'ext::sh' }, 'E_GIT_URL_INVALID'],
  ])('%j is refused: %s', async (said, code) => {
    await expect(locateForge({ ...said, userAgent })).rejects.toMatchObject({ code })
  })
})
