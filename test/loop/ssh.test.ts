import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'
import { hasSshd, type SshServer, startSshd } from '../harness/sshd.ts'

describe.skipIf(!hasSshd)('a fleet behind a real OpenSSH server (FluxConfig spec.git)', () => {
  let fixture: LocalFixture
  let server: SshServer
  let dir: string
  let specs: string

  beforeAll(async () => {
    fixture = await startFixture()
    dir = await mkdtemp(join(tmpdir(), 'sluice-test-ssh-'))
    server = await startSshd(dir)
    specs = await mkdtemp(join(tmpdir(), 'sluice-test-specs-'))
    for (const name of (await readdir(exampleSpecs)).filter(one => one.endsWith('.yaml'))) {
      const text = await readFile(join(exampleSpecs, name), 'utf8')
      const git = `  git:\n    repositoryUrl: ${server.url}\n    sshKeyAlgorithm: ed25519\n`
      await writeFile(join(specs, name), text.replace(/ {2}github:\n(?: {4}.*\n)+/, git))
    }
  })
  afterAll(async () => {
    server.close()
    await fixture.close()
    await rm(dir, { recursive: true, force: true })
    await rm(specs, { recursive: true, force: true })
  })

  const key = () => ({ EKSA_GIT_PRIVATE_KEY: server.privateKeyFile })
  const whole = () => ({ ...key(), EKSA_GIT_KNOWN_HOSTS: server.knownHostsFile })

  it('says which variable is missing', async () => {
    const run = await runSluice(['check', '-f', specs, '--no-cluster', ...fixture.args])
    expect(run.code).toBe(4)
    expect(run.stderr).toContain('EKSA_GIT_PRIVATE_KEY')
  })

  it('shows the fingerprint of a server that nobody knows, and takes it only when it is confirmed', async () => {
    const refused = await runSluice(['check', '-f', specs, '--no-cluster', ...fixture.args], { env: key() })
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(server.fingerprint)
    const taken = await runSluice(
      ['check', '-f', specs, '--no-cluster', '--accept-host-key', server.fingerprint, ...fixture.args],
      { env: key() },
    )
    expect(taken.code, taken.stderr).toBe(0)
    const known = await runSluice(['check', '-f', specs, '--no-cluster', ...fixture.args], { env: key() })
    expect(known.code, known.stderr).toBe(0)
  })

  it('is bootstrapped with the variables of EKS Anywhere, again without a change, and scaled', async () => {
    const run = await runSluice(['bootstrap', '-f', specs, '--yes', ...fixture.args], { env: whole() })
    expect(run.code, run.stderr).toBe(0)
    const again = await runSluice(['bootstrap', '-f', specs, '--yes', ...fixture.args], { env: whole() })
    expect(again.code, again.stderr).toBe(0)
    const commits = () => Number(execFileSync('git', ['-C', server.repository, 'rev-list', '--count', 'main']))
    expect(commits()).toBe(1)
    const scaled = await runSluice(['scale', 'prod', 'web=4', ...fixture.args], { env: whole() })
    expect(scaled.code, scaled.stderr).toBe(0)
    expect(commits()).toBe(2)
  })
})
