import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

describe('sluice bootstrap github|gitlab|git: any cluster, with the flags of flux bootstrap', () => {
  let fixture: LocalFixture
  beforeAll(async () => {
    fixture = await startFixture()
  })
  afterAll(() => fixture.close())

  const run = (...args: string[]) => runSluice([...args, ...fixture.args])
  const github = ['bootstrap', 'github', '--owner', 'acme', '--repository', 'plain', '--path', 'clusters/prod']

  it('refuses options before the provider, which would be lost, and writes nothing', async () => {
    for (const early of [['--dry-run'], ['--adopt'], ['--kubeconfig', 'other']]) {
      const refused = await run('bootstrap', ...early, ...github.slice(1), '--yes')
      expect(refused.code).toBe(2)
      expect(refused.stderr).toContain(`${early[0]} before it`)
    }
    const check = await run('check', '--repository', 'acme/plain')
    expect(check.stdout).toContain('acme/plain is not there')
  })

  it('refuses two hosts and two kinds of host', async () => {
    const kind = await run(...github, '--provider', 'gitlab')
    expect([kind.code, kind.stderr]).toEqual([2, expect.stringContaining('SLUICE_GIT_PROVIDER')])
    const host = await run(...github, '--hostname', 'ghe.example.com', '--host', 'github.com')
    expect([host.code, host.stderr]).toEqual([2, expect.stringContaining('ghe.example.com and github.com')])
  })

  it('makes the repository and the tree of flux bootstrap, and the cluster follows it', async () => {
    const plan = await run(...github, '--dry-run')
    expect(plan.code, plan.stderr).toBe(0)
    for (const name of ['gotk-components', 'gotk-sync', 'kustomization'])
      expect(plan.stdout).toContain(`+ clusters/prod/flux-system/${name}.yaml`)
    const done = await run(...github, '--yes', '--interval', '2m')
    expect(done.code, done.stderr).toBe(0)
    const source = await run('get', 'sources', '-o', 'json')
    const { items } = JSON.parse(source.stdout) as { items: { spec: { interval: string; url: string } }[] }
    expect(items).toMatchObject([{ spec: { interval: '2m', url: expect.stringContaining('/acme/plain') } }])
    const again = await run(...github, '--yes', '--interval', '2m')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('every file is there')
  })

  it.each([
    [['bootstrap', 'github'], '--owner'],
    [['bootstrap', 'git', '--path', 'a'], '--url'],
    [['bootstrap', 'gitlab', '--owner', 'a', '--repository', 'b', '--visibility', 'secret'], '--visibility'],
    [['bootstrap', 'github', '--owner', 'a', '--repository', 'b', '--gpg-passphrase', 'x'], '--gpg-passphrase'],
    [['bootstrap', 'github', '--owner', 'a', '--repository', 'b', '--personal', 'perhaps'], '--personal'],
    [['bootstrap'], '-f FILE, or a provider'],
  ])('%j is refused by name', async (args, text) => {
    const refused = await run(...args)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain(text)
  })
})
