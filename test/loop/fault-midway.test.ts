import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { applyBootstrap, type BootstrapContext, planBootstrap } from '../../src/bootstrap/index.ts'
import { readFleet } from '../../src/fleet/read-fleet.ts'
import { bootstrapContext, bootstrapWith, faultyCluster, told } from '../harness/faulty-bootstrap.ts'
import { fleetRepositoryOf } from '../harness/fleet-repository.ts'
import { type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { type Somebody, somebodyOf } from '../harness/rewrite.ts'

const ids = ['check', 'repository', 'branch', 'files', 'engine', 'ready'] as const

/** A report of a run that failed in one step: the steps after it were not run. */
function failedIn(step: (typeof ids)[number], code: string) {
  const at = ids.indexOf(step)
  return {
    outcome: 'failed',
    code,
    steps: ids.map((id, i) =>
      i === at ? `${id} failed` : i > at ? `${id} not-run` : expect.stringMatching(`${id} (?:done|unchanged)`),
    ),
  }
}

/** One commit, every cluster Ready, and a run that finds nothing to do. */
async function expectOneFleet(fixture: LocalFixture, context: BootstrapContext): Promise<void> {
  const report = await applyBootstrap(context)
  expect(report.error).toBeUndefined()
  expect(await fleetRepositoryOf(fixture).log()).toHaveLength(1)
  expect((await readFleet(fixture.system.client)).map(row => [row.name, row.health])).toEqual([
    ['mgmt', 'Ready'],
    ['prod', 'Ready'],
    ['staging', 'Ready'],
  ])
  const again = await applyBootstrap(context)
  expect(again.steps.map(step => step.outcome)).toEqual(Array(6).fill('unchanged'))
}

describe('a Git host that goes away in the middle of a bootstrap', () => {
  let fixture: LocalFixture
  let context: BootstrapContext
  beforeAll(async () => {
    fixture = await startFixture()
    context = await bootstrapContext(fixture)
  })
  afterAll(() => fixture.close())

  it('before or during a write is named, later steps are not run, and the next run makes nothing twice', async () => {
    const { forge } = fixture.system
    const away = { match: /./, drop: true, times: Number.POSITIVE_INFINITY } as const
    const answerLost = (match: RegExp) => ({ match, drop: { afterBytes: 0 } }) as const
    const run = async (effect: string, fault: Parameters<typeof forge.misbehave>[0]) => {
      const report = await bootstrapWith(context, 'before', effect, () => forge.misbehave(fault))
      forge.behave()
      return report
    }
    const refused = await run('repository.create', away)
    expect(told(refused)).toEqual(failedIn('repository', 'E_FORGE_UNREACHABLE'))
    expect(refused.error?.message).toContain('the Git host cannot be reached')
    // The repository is made, and nobody is told: the next run finds it.
    const lost = await run('repository.create', answerLost(/POST \/api\/v3\/orgs\/acme\/repos/))
    expect(told(lost)).toEqual(failedIn('repository', 'E_FORGE_UNREACHABLE'))
    const unpushed = await run('files.push', away)
    expect(told(unpushed)).toEqual(failedIn('files', 'E_FORGE_UNREACHABLE'))
    // The commit arrives, and nobody is told: the branch is looked at again.
    const pushed = await run('files.push', answerLost(/POST \/acme\/fleet\.git\/git-receive-pack/))
    expect(pushed.error).toBeUndefined()
    await expectOneFleet(fixture, context)
  })
})

describe('a cluster that goes away in the middle of a bootstrap', () => {
  let fixture: LocalFixture
  let cluster: Awaited<ReturnType<typeof faultyCluster>>
  let context: BootstrapContext
  beforeAll(async () => {
    fixture = await startFixture()
    cluster = await faultyCluster(fixture)
    context = await bootstrapContext(fixture, { client: cluster.client })
  })
  afterAll(async () => {
    await cluster.close()
    await fixture.close()
  })

  it('before any write is named, later steps are not run, and the next run ends the same', async () => {
    for (const kind of ['Namespace', 'Secret', 'Kustomization']) {
      const report = await bootstrapWith(context, 'before', `engine.apply.${kind}`, cluster.goAway)
      cluster.comeBack()
      expect(told(report), kind).toEqual(failedIn('engine', 'E_KUBE_UNREACHABLE'))
      expect(report.error?.message).toContain('the Kubernetes API server cannot be reached')
    }
    const last = await bootstrapWith(context, 'after', 'engine.apply.Kustomization', cluster.goAway)
    cluster.comeBack()
    expect(told(last)).toEqual(failedIn('ready', 'E_KUBE_UNREACHABLE'))
    await expectOneFleet(fixture, context)
  })

  it('while its answer is awaited is waited for, and told', async () => {
    // A commit that the engine has not seen yet keeps the bootstrap waiting.
    await fixture.system.client.patch(kustomizationRef, 'merge', { spec: { suspend: true } })
    await fleetRepositoryOf(fixture).push({ 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml': undefined }, 'Oops\n')
    const texts: string[] = []
    const report = await applyBootstrap({
      ...context,
      onEvent: event => {
        if (event.type !== 'step-progress' || event.step !== 'ready') return
        texts.push(event.text)
        if (texts.length === 1) cluster.goAway()
        if (event.text.includes('does not answer')) {
          cluster.comeBack()
          void fixture.system.client.patch(kustomizationRef, 'merge', { spec: { suspend: null } })
        }
      },
    })
    expect(report.error).toBeUndefined()
    expect(texts.join('\n')).toMatch(/the cluster does not answer: .*cannot be reached/)
  })

  it('and never comes back ends the wait with that as the cause', async () => {
    await fixture.system.client.patch(kustomizationRef, 'merge', { spec: { suspend: true } })
    await fleetRepositoryOf(fixture).push({ 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml': undefined }, 'Again\n')
    const report = await applyBootstrap({
      ...context,
      timeoutMs: 2000,
      onEvent: event => void (event.type === 'step-progress' && event.step === 'ready' && cluster.goAway()),
    })
    cluster.comeBack()
    await fixture.system.client.patch(kustomizationRef, 'merge', { spec: { suspend: null } })
    expect(told(report)).toEqual(failedIn('ready', 'E_BOOTSTRAP_NOT_READY'))
    expect(report.error?.message).toMatch(/the cluster does not answer: .*cannot be reached/)
  })
})

describe('a repository that somebody changes between plan and apply', () => {
  let fixture: LocalFixture
  let context: BootstrapContext
  let somebody: Somebody
  beforeAll(async () => {
    fixture = await startFixture()
    context = await bootstrapContext(fixture)
    somebody = somebodyOf(fixture)
  })
  afterAll(() => fixture.close())

  it('deleted before the push is named; the next run makes it anew', async () => {
    const report = await bootstrapWith(context, 'before', 'files.push', () => somebody.deleteRepository())
    expect(told(report)).toEqual(failedIn('files', 'E_GIT_REPOSITORY_NOT_FOUND'))
    await expectOneFleet(fixture, context)
  })

  it('deleted after the plan was shown is made anew, with the same files', async () => {
    const plan = await planBootstrap(context)
    expect(plan.map(step => step.state)).toEqual(Array(6).fill('done'))
    await somebody.deleteRepository()
    await expectOneFleet(fixture, context)
  })

  it('put by force on another project before the push is not written to', async () => {
    await fleetRepositoryOf(fixture).push({ 'clusters/mgmt/prod/eksa-system/eksa-cluster.yaml': undefined }, 'Oops\n')
    const report = await bootstrapWith(context, 'before', 'files.push', () => somebody.forcePush('nothing of it'))
    expect(told(report)).toEqual(failedIn('files', 'E_BOOTSTRAP_NOT_ADOPTED'))
    expect((await fleetRepositoryOf(fixture).log()).map(({ subject }) => subject)).toEqual(['Another project'])
  })

  it('put by force on another project after the push is told with the revision that came in its place', async () => {
    // The engine looks only when somebody has come in between.
    const { client } = fixture.system
    await client.patch(sourceRef, 'merge', { spec: { suspend: true } })
    const report = await bootstrapWith({ ...context, adopt: true }, 'after', 'files.push', async () => {
      await somebody.forcePush('nothing of it')
      await client.patch(sourceRef, 'merge', { spec: { suspend: null } })
    })
    expect(told(report)).toEqual(failedIn('ready', 'E_BOOTSTRAP_SYNC_FAILED'))
    expect(report.error?.message).toMatch(/main@sha1:[0-9a-f]{40}, pushed after [0-9a-f]{7} of this bootstrap/)
  })
})

const sourceRef = {
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  namespace: 'flux-system',
  name: 'flux-system',
}
const kustomizationRef = {
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'flux-system',
}
