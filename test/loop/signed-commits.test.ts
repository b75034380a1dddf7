import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { git } from '../harness/git.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

const passphrase = 'canary-of-the-passphrase'
const hasKeygen = spawnSync('ssh-keygen', ['--version']).error === undefined

describe.skipIf(!hasKeygen)('commits of the command line', () => {
  let fixture: LocalFixture
  let dir: string
  let clone: string
  let options: string[]
  const env = { SLUICE_SIGNING_KEY_PASSPHRASE: passphrase, SLUICE_COMMITTER: 'Fleet Robot <robot@example.com>' }

  beforeAll(async () => {
    fixture = await startFixture()
    dir = await mkdtemp(join(tmpdir(), 'sluice-test-sign-'))
    const key = join(dir, 'key')
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', 'x', '-f', key])
    options = [...fixture.args, '--author', 'Mona Lisa <mona@example.com>', '--signing-key', key]
    clone = join(dir, 'clone')
  })
  afterAll(async () => {
    await fixture.close()
    await rm(dir, { recursive: true, force: true })
  })

  /** Brings the clone up to date; gives what its tip says of people and signature. */
  async function tip(): Promise<string> {
    const { forge, token } = fixture.system
    const basic = Buffer.from(`x:${token.reveal()}`).toString('base64')
    const auth = ['-c', `http.${forge.url}/.extraHeader=Authorization: Basic ${basic}`]
    if (!(await readdir(dir)).includes('clone'))
      await git(dir, ...auth, 'clone', '-q', `${forge.url}/acme/fleet.git`, clone)
    await git(clone, ...auth, 'pull', '-q', '--ff-only')
    const allowed = join(dir, 'allowed')
    await writeFile(allowed, `robot@example.com ${await readFile(join(dir, 'key.pub'), 'utf8')}`)
    const signing = ['-c', 'gpg.format=ssh', '-c', `gpg.ssh.allowedSignersFile=${allowed}`]
    await git(clone, ...signing, 'verify-commit', 'HEAD')
    return git(clone, ...signing, 'log', '-1', '--format=%an <%ae> | %cn <%ce> | %G? %GS')
  }

  it('are by the people that were named, and signed so that git verifies them', async () => {
    const people = 'Mona Lisa <mona@example.com> | Fleet Robot <robot@example.com> | G robot@example.com'
    const boot = await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...options], { env })
    expect(boot.code, boot.stderr).toBe(0)
    expect(await tip()).toBe(people)
    const scale = await runSluice(['scale', 'prod', 'web=4', ...options], { env })
    expect(scale.code, scale.stderr).toBe(0)
    expect(await tip()).toBe(people)
    expect(await git(clone, 'log', '--format=%s', '-1')).toBe('Scale prod web from 3 to 4')
    for (const run of [boot, scale]) expect(run.stdout + run.stderr).not.toContain(passphrase)
  })

  it('are not made with a key that does not open, a person that is none, or a file that is no key', async () => {
    const scale = (more: string[], own: Record<string, string> = env) =>
      runSluice(['scale', 'prod', 'web=5', ...options, ...more], { env: own })
    const wrong = await scale([], { SLUICE_SIGNING_KEY_PASSPHRASE: 'wrong' })
    expect([wrong.code, wrong.stderr]).toEqual([4, expect.stringContaining('E_GIT_SIGNING_KEY')])
    const nothing = await scale(['--signing-key', exampleSpecs])
    expect(nothing.stderr).toContain('E_FILE_READ')
    const person = await scale(['--author', 'nobody'])
    expect([person.code, person.stderr]).toEqual([2, expect.stringContaining('Expected "Name <mail@example.com>"')])
    expect(await git(clone, 'log', '--format=%s', '-1')).toBe('Scale prod web from 3 to 4')
  })
})
