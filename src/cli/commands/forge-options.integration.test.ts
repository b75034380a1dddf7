import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CliIo } from '../io.ts'
import { styleFor } from '../output/style.ts'
import { openForge } from './forge-options.ts'

let dir: string
let server: Server
let host: string
/** Every credential that the host was sent. */
let sent: string[] = []

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-open-forge-'))
  // A host that says that it runs GitLab, and takes down what it is given.
  server = createServer((request, response) => {
    const { authorization, 'private-token': token } = request.headers
    for (const one of [authorization, token]) if (one !== undefined) sent.push(String(one))
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"message":"401 Unauthorized"}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  sent = []
})
afterAll(() => {
  server.close()
  rmSync(dir, { recursive: true, force: true })
})

function world(env: NodeJS.ProcessEnv): CliIo {
  const stdin = new PassThrough()
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const style = styleFor({ isTTY: false }, {})
  const home = { HOME: dir, ...env }
  return { env: home, cwd: dir, stdin, stdout, stderr, signal: new AbortController().signal, out: style, err: style }
}
const options = () => ({ data: join(dir, 'data') })
const url = () => `http://${host}/acme/fleet.git`
const canary = 'glpat-canary0canary0canary0'

describe('the repository that a cluster names', () => {
  it('does not choose where a token of the environment or of a file goes', async () => {
    const repository = { url: url(), by: 'cluster' } as const
    writeFileSync(join(dir, 'token'), canary, { mode: 0o600 })
    const env = { GITLAB_TOKEN: canary, GITHUB_TOKEN: canary, GIT_PASSWORD: canary }
    for (const wanted of [
      options(),
      { ...options(), provider: 'git' },
      { ...options(), provider: 'github' },
      { ...options(), provider: 'git', host: 'git.example.com' },
      { ...options(), tokenFile: 'token' },
    ])
      await expect(openForge(wanted, world(env), repository)).rejects.toMatchObject({
        code: 'E_CREDENTIAL_HOST',
        next: expect.stringContaining(`${host} is the right host`),
      })
    expect(sent).toEqual([])
  })

  it('by an SSH address of a host of its own asks for a key, and says how a token can do', async () => {
    const repository = { url: 'ssh://git@git.example.com/acme/fleet', by: 'cluster' } as const
    await expect(openForge(options(), world({ GITLAB_TOKEN: canary }), repository)).rejects.toMatchObject({
      code: 'E_TOKEN_MISSING',
      next: expect.stringMatching(/EKSA_GIT_PRIVATE_KEY.* --host git\.example\.com$/),
    })
  })

  it('is reached once the person names the host', async () => {
    const forge = await openForge({ ...options(), host }, world({ GITLAB_TOKEN: canary }), {
      url: url(),
      by: 'cluster',
    })
    await expect(forge.identify()).rejects.toThrow()
    await forge.close()
    expect(sent).toEqual([expect.stringContaining(canary)])
  })
})

describe('a repository that is on another host than the one that was named', () => {
  it.each(['person', 'cluster'] as const)('is refused before anything is asked there: by the %s', async by => {
    const env = { GITLAB_TOKEN: canary, SLUICE_GIT_HOST: host }
    const repository = { url: 'https://gitlab.example.com/acme/fleet.git', by }
    const opened = openForge({ ...options(), provider: 'gitlab', host }, world(env), repository)
    await expect(opened).rejects.toMatchObject({ code: 'E_FLEET_OTHER_HOST' })
    expect(sent).toEqual([])
  })
})
