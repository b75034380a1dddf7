import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listRemoteRefs } from './index.ts'
import { knownHostLine } from './known-hosts.ts'
import { makeSshKey } from './make-key.ts'
import { keyFingerprint } from './public-key.ts'
import { scanHostKeys } from './scan-host-keys.ts'
import { hasSshd, type Sshd, startSshd } from './testing/sshd.ts'
import { judgeHostKeys, trustHostKeys } from './trust-host.ts'

describe.skipIf(!hasSshd)('a real OpenSSH server', () => {
  let dir: string
  let server: Sshd
  const place = () => ({ host: '127.0.0.1', port: String(server.port) })

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'sluice-hostkeys-'))
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(dir, 'fleet.git')])
    server = await startSshd(dir, { repositories: { '/acme/fleet': join(dir, 'fleet.git') } })
  })
  afterAll(async () => {
    await server.close()
    rmSync(dir, { recursive: true, force: true })
  })

  it.each([
    ['ecdsa p256', { curve: 'p256' }],
    ['ecdsa p384', {}],
    ['ecdsa p521', { curve: 'p521' }],
    ['ed25519', { algorithm: 'ed25519' }],
    ['rsa', { algorithm: 'rsa' }],
  ] as const)('takes a %s key that was made here, in both halves', async (_, choice) => {
    const { privateKey, publicKey } = await makeSshKey(choice)
    const url = `ssh://${server.user}@127.0.0.1:${server.port}/acme/fleet`
    const remote = { url, auth: { kind: 'ssh', privateKey, knownHosts: server.knownHosts } as const }
    await expect(listRemoteRefs(remote)).rejects.toMatchObject({ code: 'E_GIT_AUTHENTICATION' })
    server.authorize([`${publicKey.type} ${publicKey.body}`])
    expect((await listRemoteRefs(remote)).size).toBe(0)
    // ssh-keygen sees the same key.
    writeFileSync(join(dir, 'made'), privateKey.reveal(), { mode: 0o600 })
    const shown = execFileSync('ssh-keygen', ['-lf', join(dir, 'made')]).toString()
    expect(shown).toContain(keyFingerprint(publicKey.body))
  })

  it('shows its keys as ssh-keygen names them; they are confirmed once and refused when they change', async () => {
    const shown = await scanHostKeys(place())
    const named = execFileSync('ssh-keygen', ['-lf', join(dir, 'host.pub')]).toString()
    expect(shown.map(key => key.fingerprint)).toEqual([/SHA256:\S+/.exec(named)?.[0]])
    expect(knownHostLine(`[127.0.0.1]:${server.port}`, shown[0]!)).toBe(
      server.knownHosts.trim().split(' ').slice(0, 3).join(' '),
    )
    const lines = (await trustHostKeys(judgeHostKeys(place(), shown, ''), '', { ask: async () => true }))!
    expect(judgeHostKeys(place(), await scanHostKeys(place()), lines).state).toBe('known')
    await server.changeHostKey()
    const now = await scanHostKeys(place())
    await expect(trustHostKeys(judgeHostKeys(place(), now, lines), lines, {})).rejects.toThrow(
      new RegExp(`HAS CHANGED.*${pattern(shown[0]!.fingerprint)}.*${pattern(now[0]!.fingerprint)}`, 's'),
    )
    // git is as strict: nothing is sent to the changed server.
    const { privateKey } = await makeSshKey()
    const url = `ssh://${server.user}@127.0.0.1:${server.port}/acme/fleet`
    await expect(listRemoteRefs({ url, auth: { kind: 'ssh', privateKey, knownHosts: lines } })).rejects.toMatchObject({
      code: 'E_GIT_HOST_KEY',
    })
  })

  it('that is not there, or no SSH server, is named', async () => {
    await expect(scanHostKeys({ host: '127.0.0.1', port: '1' })).rejects.toMatchObject({ code: 'E_HOST_KEY_SCAN' })
    await expect(scanHostKeys({ host: '-oProxyCommand=x', port: undefined })).rejects.toMatchObject({
      code: 'E_HOST_KEY_SCAN',
    })
  })
})

function pattern(text: string): string {
  return text.replace(/[+/.]/g, '\\$&')
}
