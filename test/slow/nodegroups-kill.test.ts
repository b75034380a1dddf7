import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EksctlFixture, eksctlExample, shopRef } from '../harness/eksctl-fixture.ts'

const scaling = (minSize: number, maxSize: number, desiredSize: number) => ({ minSize, maxSize, desiredSize })

describe('a reconciler of node groups that is killed with SIGKILL', () => {
  let eksctl: EksctlFixture
  beforeEach(async () => {
    eksctl = await EksctlFixture.start()
    const dir = await mkdtemp(join(tmpdir(), 'sluice-test-spec-'))
    eksctl.after(() => rm(dir, { recursive: true, force: true }))
    const made =
      '  - name: made\n    iam: {instanceRoleARN: "arn:aws:iam::1:role/n"}\n    launchTemplate: {id: lt-1}\n    subnets: [subnet-1]\n'
    const text = (await readFile(eksctlExample, 'utf8')).replace('managedNodeGroups:\n', `managedNodeGroups:\n${made}`)
    await writeFile(join(dir, 'c.yaml'), text)
    expect((await eksctl.bootstrap(join(dir, 'c.yaml'))).code).toBe(0)
  })
  afterEach(() => eksctl.close())

  const addMade = () => eksctl.aws.admin.addManaged('shop', 'made', scaling(2, 2, 2))
  const sent = (action: string) => eksctl.aws.calls.filter(call => call.action === action && call.status === 200)
  const killedThenRun = async (fault: string) => {
    expect(await eksctl.follow({ SLUICE_FAULT: fault })).toBe('SIGKILL')
    void eksctl.follow()
  }

  it.each(['before', 'after'])('%s an auto scaling group is sized: sized once', async when => {
    const { admin } = eksctl.aws
    admin.addManaged('shop', 'web', scaling(1, 5, 2))
    admin.addManaged('shop', 'batch', scaling(0, 10, 0))
    admin.addSelfManaged('shop', 'legacy', scaling(1, 3, 2))
    addMade()
    await killedThenRun(`${when}:nodegroups.update`)
    await eksctl.ready()
    expect(sent('autoscaling:UpdateAutoScalingGroup')).toHaveLength(1)
  })

  it.each(['before', 'after'])('%s a group is deleted: deleted once, and no other', async when => {
    const { admin, state } = eksctl.aws
    admin.addManaged('shop', 'web', scaling(1, 5, 2))
    admin.addManaged('shop', 'batch', scaling(0, 10, 0))
    admin.addSelfManaged('shop', 'legacy', scaling(1, 1, 1))
    addMade()
    admin.addManaged('shop', 'extra', scaling(1, 1, 1))
    await eksctl.client.patch(shopRef, 'merge', { spec: { extra: 'Delete' } })
    await killedThenRun(`${when}:nodegroups.delete`)
    await eksctl.until('the group to go', async () => (state.clusters.get('shop')?.has('extra') ? undefined : true))
    await eksctl.ready()
    expect([...(state.clusters.get('shop')?.keys() ?? [])].sort()).toEqual(['batch', 'made', 'web'])
    expect(sent('eks:DeleteNodegroup')).toHaveLength(1)
  })

  it.each(['before', 'after'])('%s a group is created: created once', async when => {
    const { admin, state } = eksctl.aws
    admin.addManaged('shop', 'web', scaling(1, 5, 2))
    admin.addManaged('shop', 'batch', scaling(0, 10, 0))
    admin.addSelfManaged('shop', 'legacy', scaling(1, 1, 1))
    await eksctl.client.patch(shopRef, 'merge', { spec: { missing: 'Create' } })
    await killedThenRun(`${when}:nodegroups.create`)
    await eksctl.ready()
    expect(state.clusters.get('shop')?.get('made')?.scaling).toEqual(scaling(2, 2, 2))
    expect(sent('eks:CreateNodegroup')).toHaveLength(1)
  })
})
