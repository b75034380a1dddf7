import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createGitHubForge } from '../forges/index.ts'
import { Secret } from '../secrets/secret.ts'
import { listRemoteRefs } from './index.ts'

let server: Server | undefined
let ca: string
let host: string
const seen: string[] = []

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

beforeAll(async () => {
  if (!hasOpenssl) return
  const dir = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
  const [keyPath, certPath] = [join(dir, 'key.pem'), join(dir, 'cert.pem')]
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-days', '1']
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', keyPath, '-out', certPath, ...name],
    { stdio: 'ignore' },
  )
  ca = readFileSync(certPath, 'utf8')
  const key = readFileSync(keyPath, 'utf8')
  rmSync(dir, { recursive: true })
  server = createServer({ key, cert: ca }, (request, response) => {
    seen.push(`${request.url} ${request.headers.authorization ?? ''}`)
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}')
  })
  await new Promise<void>(resolve => server!.listen(0, '127.0.0.1', resolve))
  host = `localhost:${(server.address() as AddressInfo).port}`
})

afterAll(() => {
  server?.closeAllConnections()
  server?.close()
})

const token = Secret.of(`ghp_${'a1B2'.repeat(9)}`)

describe.skipIf(!hasOpenssl)('a server whose certificate the system does not trust', () => {
  it('is refused by git before the credential is sent, and reached when its authority is given', async () => {
    const remote = { url: `https://${host}/a/b.git`, auth: { kind: 'bearer', token } } as const
    await expect(listRemoteRefs(remote)).rejects.toMatchObject({ code: 'E_GIT_TLS' })
    expect(seen).toEqual([])
    await expect(listRemoteRefs({ ...remote, ca })).rejects.toMatchObject({ code: 'E_GIT_REPOSITORY_NOT_FOUND' })
    expect(seen[0]).toContain(token.reveal())
  })

  it('is refused by the client of the forge, and reached when its authority is given', async () => {
    seen.length = 0
    const options = { host: `https://${host}`, token, userAgent: 'test' }
    const distrusting = createGitHubForge(options)
    await expect(distrusting.repository('a', 'b')).rejects.toMatchObject({
      code: 'E_FORGE_UNREACHABLE',
      next: expect.stringContaining('certificate'),
    })
    expect(seen).toEqual([])
    const trusting = createGitHubForge({ ...options, ca })
    expect(await trusting.repository('a', 'b')).toBeUndefined()
    await Promise.all([distrusting.close(), trusting.close()])
  })
})
