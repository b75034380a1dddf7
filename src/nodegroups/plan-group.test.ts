import { describe, expect, it } from 'vitest'
import { readClusterConfig } from '../specs/index.ts'
import type { LiveGroup } from './live-groups.ts'
import { type GroupPlan, planGroups } from './plan-group.ts'
import type { GroupPolicy } from './policy.ts'

const head = 'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: prod, region: eu-north-1}\n'
const config = (body: string) => {
  const { found, problems } = readClusterConfig({ path: 'c.yaml', text: head + body })
  expect(problems).toEqual([])
  return found!.config
}
const live = (changes: Partial<LiveGroup> = {}): LiveGroup => ({
  name: 'a',
  kind: 'managed',
  size: { min: 1, max: 5, desired: 3 },
  status: 'ACTIVE',
  nodes: 3,
  issues: [],
  ...changes,
})
const careful: GroupPolicy = { missing: 'Report', extra: 'Report', autoscaled: [], dryRun: false }
const same = 'managedNodeGroups: [{name: a, minSize: 1, maxSize: 5, desiredCapacity: 3}]'
const other = 'managedNodeGroups: [{name: a, minSize: 1, maxSize: 5, desiredCapacity: 4}]'
const creatable =
  'managedNodeGroups: [{name: a, iam: {instanceRoleARN: "arn:aws:iam::1:role/n"}, launchTemplate: {id: lt-1}, subnets: [subnet-1]}]'

describe('what is said and done about a group', () => {
  const cases: readonly (readonly [
    what: string,
    file: string,
    group: LiveGroup | undefined,
    policy: Partial<GroupPolicy>,
    state: string,
    action: string | undefined,
  ])[] = [
    ['that agrees', same, live(), {}, 'InSync', undefined],
    ['that differs', other, live(), {}, 'Drifted', 'update'],
    ['that differs, in a dry run', other, live(), { dryRun: true }, 'Drifted', undefined],
    ['that differs while an update runs', other, live({ status: 'UPDATING' }), {}, 'Updating', undefined],
    ['that is degraded and differs', other, live({ status: 'DEGRADED', issues: ['X: y'] }), {}, 'Drifted', 'update'],
    ['that is degraded and agrees', same, live({ status: 'DEGRADED', issues: ['X: y'] }), {}, 'InSync', undefined],
    ['that is being made', other, live({ status: 'CREATING' }), {}, 'Creating', undefined],
    ['that is being deleted, though Git has it', other, live({ status: 'DELETING' }), {}, 'Deleting', undefined],
    ['that could not be made', other, live({ status: 'CREATE_FAILED' }), {}, 'Failed', undefined],
    ['that could not be deleted', same, live({ status: 'DELETE_FAILED' }), {}, 'Failed', undefined],
    ['of another kind', same, live({ kind: 'self-managed' }), {}, 'Refused', undefined],
    ['that is missing', same, undefined, {}, 'Missing', undefined],
    ['that is missing and cannot be made', same, undefined, { missing: 'Create' }, 'Refused', undefined],
    ['that is missing and can be made', creatable, undefined, { missing: 'Create' }, 'Missing', 'create'],
    ['the same, in a dry run', creatable, undefined, { missing: 'Create', dryRun: true }, 'Missing', undefined],
    ['that is extra', same, live({ name: 'b' }), {}, 'Extra', undefined],
    ['that is extra and may go', same, live({ name: 'b' }), { extra: 'Delete' }, 'Extra', 'delete'],
    ['the same, in a dry run ', same, live({ name: 'b' }), { extra: 'Delete', dryRun: true }, 'Extra', undefined],
    [
      'that is extra and busy',
      same,
      live({ name: 'b', status: 'UPDATING' }),
      { extra: 'Delete' },
      'Waiting',
      undefined,
    ],
    ['that is extra and going', same, live({ name: 'b', status: 'DELETING' }), {}, 'Deleting', undefined],
    [
      'that is extra and self-managed',
      same,
      live({ name: 'b', kind: 'self-managed' }),
      { extra: 'Delete' },
      'Refused',
      undefined,
    ],
    ['of a file without groups', '', live(), { extra: 'Delete' }, 'Refused', undefined],
  ]
  for (const [what, file, group, policy, state, action] of cases) {
    it(`${what}: ${state}${action === undefined ? '' : `, ${action}`}`, () => {
      const plans = planGroups(config(file), group === undefined ? [] : [group], { ...careful, ...policy })
      const plan = plans.at(-1) as GroupPlan
      expect([plan.status.state, plan.action?.type]).toEqual([state, action])
      if (state !== 'InSync' && action === undefined) expect(plan.status.message).toMatch(/\w{3}/)
    })
  }

  const refusals: readonly (readonly [string, string])[] = [
    ['volumeSize: 20', 'volumeSize: made by eksctl'],
    ['iam: {withAddonPolicies: {ebs: true}, instanceRoleARN: "arn:aws:x"}', 'iam.withAddonPolicies'],
    ['launchTemplate: {id: lt-1}', 'iam.instanceRoleARN is not given'],
    ['iam: {instanceRoleARN: "arn:aws:x"}', 'launchTemplate.id is not given'],
    ['iam: {instanceRoleARN: "arn:aws:x"}, launchTemplate: {id: lt-1}', 'subnets are not given'],
    ['iam: {instanceRoleARN: "arn:aws:x"}, launchTemplate: {id: lt-1}, subnets: [private-a]', 'give ids'],
    [
      'iam: {instanceRoleARN: "arn:aws:x"}, launchTemplate: {id: lt-1}, subnets: [subnet-1], taints: [{key: a, effect: Odd}]',
      'the effect Odd is unknown',
    ],
  ]
  for (const [fields, text] of refusals) {
    it(`creates nothing with ${fields}`, () => {
      const [plan] = planGroups(config(`managedNodeGroups: [{name: a, ${fields}}]`), [], {
        ...careful,
        missing: 'Create',
      })
      expect(plan?.status.message).toContain(text)
    })
  }
})
