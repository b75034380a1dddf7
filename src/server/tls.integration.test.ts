import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Secret } from '../secrets/secret.ts'
import { startTestServer, testPassword } from './testing/test-server.ts'

it('over TLS the cookie is for this host and HTTPS only, and browsers are told to stay with it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-days',
      '1',
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
    ],
    { stdio: 'ignore' },
  )
  const ca = readFileSync(cert, 'utf8')
  const server = await startTestServer({ tls: { cert: ca, key: Secret.of(readFileSync(key, 'utf8')) } })
  try {
    expect(server.url).toMatch(/^https:/)
    const answer = await new Promise<{ status: number | undefined; headers: Record<string, unknown> }>(
      (resolve, reject) => {
        const sent = request(
          new URL('/api/v1/session', server.url),
          { ca, method: 'POST', headers: { 'content-type': 'application/json', origin: server.url } },
          got => {
            got.resume()
            resolve({ status: got.statusCode, headers: got.headers })
          },
        )
        sent.on('error', reject)
        sent.end(JSON.stringify({ name: 'admin', password: testPassword }))
      },
    )
    expect(answer.status).toBe(200)
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^__Host-sluice=[\w-]{43}; .*Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    )
    expect(answer.headers['strict-transport-security']).toBe('max-age=31536000')
  } finally {
    await server.close()
  }
})
