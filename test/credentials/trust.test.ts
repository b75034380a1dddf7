import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasSshd, type Sshd, startSshd } from '../../src/git/testing/sshd.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe.skipIf(!hasSshd)('sluice credential trust', () => {
  let dir: string
  let server: Sshd
  const run = (...args: string[]) =>
    runSluice(['credential', 'trust', `127.0.0.1:${server.port}`, ...args, '--data', join(dir, 'data')])

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'sluice-trust-'))
    server = await startSshd(dir)
  })
  afterAll(async () => {
    await server.close()
    await rm(dir, { recursive: true, force: true })
  })

  it('shows the fingerprint where nobody can be asked, takes it when it is given, and refuses another one', async () => {
    const first = await run()
    expect(first.code).toBe(4)
    const [fingerprint = ''] = /SHA256:[A-Za-z0-9+/]{43}/.exec(first.stderr) ?? []
    expect(first.stderr).toContain(`--accept-host-key ${fingerprint}`)
    expect((await run('--accept-host-key', `SHA256:${'x'.repeat(43)}`)).stderr).toContain('E_HOST_KEY_UNKNOWN')
    const taken = await run('--accept-host-key', fingerprint)
    expect([taken.code, taken.stdout]).toEqual([
      0,
      `[127.0.0.1]:${server.port} confirmed: ssh-ed25519 ${fingerprint}\n`,
    ])
    const kept = join(dir, 'data/credentials/known_hosts')
    expect((await stat(kept)).mode & 0o777).toBe(0o600)
    expect((await run()).stdout).toContain('was confirmed already')
    const before = await readFile(kept, 'utf8')
    await server.changeHostKey()
    const changed = await run()
    expect(changed.code).toBe(5)
    expect(changed.stderr).toMatch(/HOST KEY OF THIS SERVER HAS CHANGED/)
    expect(changed.stderr.match(/SHA256:[A-Za-z0-9+/]{43}/g)).toHaveLength(2)
    expect(await readFile(kept, 'utf8')).toBe(before)
  })
})
