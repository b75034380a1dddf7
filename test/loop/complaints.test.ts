import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSluice } from '../harness/live-sluice.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { runSluice } from '../harness/run-sluice.ts'

// What users of EKS Anywhere and eksctl wrote issues about, and no other test covers (docs/reference/faults.md has all).
describe('what users complained of', () => {
  let fixture: LocalFixture
  let bootstrap: readonly string[]
  beforeAll(async () => {
    fixture = await startFixture()
    bootstrap = ['bootstrap', '-f', exampleSpecs, '--yes', '--host', fixture.system.forge.url, ...fixture.args]
    await fixture.system.forge.admin.createRepository({ owner: 'acme', name: 'fleet' })
  })
  afterAll(() => fixture.close())

  const fineGrained = (contents: 'read' | 'write') =>
    fixture.system.forge.admin.createToken({
      user: 'octo',
      kind: 'fine-grained',
      resourceOwner: 'acme',
      repositories: ['fleet'],
      permissions: { contents, metadata: 'read' },
    })

  it('a fine-grained token that may only read is refused by the permission that is missing', async () => {
    const run = await runSluice(bootstrap, { env: { EKSA_GITHUB_TOKEN: fineGrained('read').reveal() } })
    expect(run.code, run.stderr).toBe(4)
    expect(run.stderr).toMatch(/Contents/)
  })

  it('a transport that nothing answers by is named before anything is written, with the one that works', async () => {
    const run = await runSluice([...bootstrap, '--ssh-hostname', 'git@127.0.0.1:1', '--token-auth=false'], {
      env: { EKSA_GITHUB_TOKEN: fineGrained('write').reveal() },
    })
    expect(run.code).not.toBe(0)
    expect(run.stderr).toContain('--token-auth')
    expect(run.stderr).not.toContain('committed')
  })

  it('a fine-grained token for this one repository, with nothing of the organization, is enough', async () => {
    const run = await runSluice(bootstrap, { env: { EKSA_GITHUB_TOKEN: fineGrained('write').reveal() } })
    expect(run.code, run.stderr).toBe(0)
  })

  it('a Kustomization that somebody suspended is named, with the way out, by whoever waits for it', async () => {
    const ref = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' }
    const root = { ...ref, namespace: 'flux-system', name: 'flux-system' }
    await fixture.system.client.patch(root, 'merge', { spec: { suspend: true } })
    const scale = startSluice(['scale', 'prod', 'web=4', ...fixture.args])
    const resume = await scale.waitFor(/it is suspended: sluice resume kustomization flux-system -n flux-system/)
    const run = await runSluice([...resume.replace(/^.*: sluice /, '').split(' '), ...fixture.args])
    expect(run.code, run.stderr).toBe(0)
    expect(await scale.ended, scale.said()).toBe(0)
  })
})
