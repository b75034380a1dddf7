import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatProblem } from '../problem.ts'
import { groupSizes } from './group-sizes.ts'
import { readClusterConfig } from './read-cluster-config.ts'

const folder = '../shared/data/eksctl'

function problemsOf(text: string): string[] {
  return readClusterConfig({ path: 'c.yaml', text }).problems.map(formatProblem)
}

const head = 'apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata:\n  name: prod\n  region: eu-north-1\n'
const managed = (fields: string) => `${head}managedNodeGroups:\n  - name: a\n    ${fields.replaceAll('\n', '\n    ')}\n`
const plain = (fields: string) => `${head}nodeGroups:\n  - name: a\n    ${fields.replaceAll('\n', '\n    ')}\n`

describe.skipIf(!existsSync(folder))('real files of eksctl', () => {
  for (const name of existsSync(folder) ? readdirSync(folder).filter(file => file.endsWith('.yaml')) : []) {
    it(`reads ${name} and loses nothing of it`, () => {
      const text = readFileSync(`${folder}/${name}`, 'utf8')
      const { found, problems } = readClusterConfig({ path: name, text })
      expect(problems.map(formatProblem)).toEqual([])
      expect(found?.text).toBe(text)
      expect(found?.config).toEqual(found?.document.object)
    })
  }
})

describe('a ClusterConfig', () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    [
      'is refused with a field that eksctl does not have, by its path',
      `${head}vpc:\n  cider: 10.0.0.0/16\n`,
      [
        'c.yaml:7:3: ClusterConfig/prod: vpc.cider: Invalid value: "10.0.0.0/16": unknown field, which eksctl refuses; did you mean vpc.cidr?',
      ],
    ],
    [
      'is refused with an unknown field of a group',
      managed('desiredSize: 3'),
      [
        'c.yaml:8:5: ClusterConfig/prod: managedNodeGroups[0].desiredSize: Invalid value: 3: unknown field, which eksctl refuses',
      ],
    ],
    [
      'is refused with a version that is a number',
      head.replace('region', 'version: 1.30\n  region'),
      [
        'c.yaml:5:3: ClusterConfig/prod: metadata.version: Invalid value: 1.3: must be of type string: put it in quotes, "1.3"',
      ],
    ],
    [
      'is refused with a flag that is no text',
      `${head}gitops:\n  flux:\n    gitProvider: github\n    flags:\n      private: true\n`,
      [
        'c.yaml:10:7: ClusterConfig/prod: gitops.flux.flags.private: Invalid value: true: must be of type string: put it in quotes, "true"',
      ],
    ],
    [
      'is refused with an empty gitops.flux',
      `${head}gitops:\n  flux: {}\n`,
      [
        'c.yaml:7:3: ClusterConfig/prod: gitops.flux.gitProvider: Required value: gitops.flux.gitProvider must be set',
        'c.yaml:7:3: ClusterConfig/prod: gitops.flux.flags: Required value: gitops.flux.flags must be set',
      ],
    ],
    [
      'is refused without a region',
      head.replace(/ {2}region.*\n/, ''),
      ['c.yaml:3:1: ClusterConfig/prod: metadata.region: Required value'],
    ],
    [
      'is refused with two groups of one name',
      `${managed('minSize: 1')}nodeGroups:\n  - name: a\n`,
      ['c.yaml:10:5: ClusterConfig/prod: nodeGroups[0].name: Duplicate value: "a"'],
    ],
    [
      'of a managed group below its bounds, in eksctl’s words',
      managed('minSize: 3\ndesiredCapacity: 2'),
      [
        'c.yaml:9:5: ClusterConfig/prod: managedNodeGroups[0].desiredCapacity: Invalid value: 2: cannot use --nodes-min=3 and --nodes=2 at the same time',
      ],
    ],
    [
      'of a managed group above its bounds',
      managed('maxSize: 3\ndesiredCapacity: 4'),
      [
        'c.yaml:9:5: ClusterConfig/prod: managedNodeGroups[0].desiredCapacity: Invalid value: 4: cannot use --nodes-max=3 and --nodes=4 at the same time',
      ],
    ],
    [
      'of a managed group with bounds the wrong way round',
      managed('minSize: 4\nmaxSize: 3'),
      [
        'c.yaml:9:5: ClusterConfig/prod: managedNodeGroups[0].maxSize: Invalid value: 3: cannot use --nodes-min=4 and --nodes-max=3 at the same time',
      ],
    ],
    [
      'of a managed group with a maximum below the default of two',
      managed('maxSize: 1'),
      [
        'c.yaml:8:5: ClusterConfig/prod: managedNodeGroups[0].maxSize: Invalid value: 1: cannot use --nodes-min=2 and --nodes-max=1 at the same time',
      ],
    ],
    [
      'of a self-managed group below its bounds',
      plain('minSize: 3\ndesiredCapacity: 2'),
      [
        'c.yaml:9:5: ClusterConfig/prod: nodeGroups[0].desiredCapacity: Invalid value: 2: --nodes value (2) cannot be lower than --nodes-min value (3)',
      ],
    ],
    [
      'of a self-managed group above its bounds',
      plain('maxSize: 3\ndesiredCapacity: 4'),
      [
        'c.yaml:9:5: ClusterConfig/prod: nodeGroups[0].desiredCapacity: Invalid value: 4: --nodes value (4) cannot be greater than --nodes-max value (3)',
      ],
    ],
    [
      'with both forms of updateConfig',
      managed('updateConfig: {maxUnavailable: 1, maxUnavailablePercentage: 10}'),
      [
        'c.yaml:8:5: ClusterConfig/prod: managedNodeGroups[0].updateConfig: Invalid value: {"maxUnavailable":1,"maxUnavailablePercentage":10}: cannot use maxUnavailable and maxUnavailablePercentage at the same time',
      ],
    ],
    [
      'with an updateConfig above the maximum',
      managed('maxSize: 2\nupdateConfig: {maxUnavailable: 3}'),
      [
        'c.yaml:9:20: ClusterConfig/prod: managedNodeGroups[0].updateConfig.maxUnavailable: Invalid value: 3: maxUnavailable cannot be greater than maxSize',
      ],
    ],
    [
      'of another version',
      head.replace('v1alpha5', 'v1alpha4'),
      ['c.yaml:1:1: ClusterConfig/prod: apiVersion: Invalid value: "eksctl.io/v1alpha4": expected eksctl.io/v1alpha5'],
    ],
    [
      'twice in a file',
      `${head}---\n${head}`,
      ['c.yaml:8:1: ClusterConfig/prod: kind: Invalid value: "ClusterConfig": only one ClusterConfig in a file'],
    ],
  ]
  for (const [name, text, problems] of cases) it(name, () => expect(problemsOf(text)).toEqual(problems))

  it('is refused with a credential in it, which is not shown', () => {
    const text = `${head}iam:\n  serviceRoleARN: AKIAIOSFODNN7EXAMPLE\n`
    expect(() => problemsOf(text)).toThrow(/holds a secret.*a secret in iam.serviceRoleARN/)
  })

  it('takes taints as a map, nulls as absent, and free-form parts as they are', () => {
    expect(
      problemsOf(plain('taints: {a: "b:NoSchedule"}\nlabels:\nkubeletExtraConfig: {anything: {goes: 1}}')),
    ).toEqual([])
  })
})

describe('the size of a group', () => {
  const cases: readonly (readonly [string, 'm' | 's', readonly [number, number, number | undefined]])[] = [
    ['spot: false', 'm', [2, 2, undefined]],
    ['desiredCapacity: 4', 'm', [4, 4, 4]],
    ['desiredCapacity: 0', 'm', [0, 1, 0]],
    ['minSize: 3', 'm', [3, 3, undefined]],
    ['maxSize: 5', 'm', [2, 5, undefined]],
    ['minSize: 1\nmaxSize: 5', 'm', [1, 5, undefined]],
    ['minSize: 1\ndesiredCapacity: 3', 'm', [1, 3, 3]],
    ['desiredCapacity: 3\nmaxSize: 5', 'm', [3, 5, 3]],
    ['minSize: 1\ndesiredCapacity: 3\nmaxSize: 5', 'm', [1, 5, 3]],
    ['ami: x', 's', [2, 2, undefined]],
    ['desiredCapacity: 0', 's', [0, 0, 0]],
    ['desiredCapacity: 10', 's', [10, 10, 10]],
    ['minSize: 1\nmaxSize: 5', 's', [1, 5, undefined]],
  ]
  for (const [fields, kind, [min, max, desired]] of cases) {
    it(`with ${fields.replaceAll('\n', ', ')} (${kind === 'm' ? 'managed' : 'self-managed'}) is ${min} to ${max}, now ${desired}`, () => {
      const { found, problems } = readClusterConfig({ path: 'c', text: kind === 'm' ? managed(fields) : plain(fields) })
      expect(problems).toEqual([])
      expect(groupSizes(found!.config)).toMatchObject([{ min, max, desired }])
    })
  }

  it('is the autoscaler’s with its tag', () => {
    const text = managed(
      'minSize: 1\nmaxSize: 5\ndesiredCapacity: 3\ntags: {k8s.io/cluster-autoscaler/enabled: "true"}',
    )
    expect(groupSizes(readClusterConfig({ path: 'c', text }).found!.config)[0]).toMatchObject({ autoscaled: true })
  })
})
