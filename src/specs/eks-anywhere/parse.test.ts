import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatProblem, formatWarning, specError } from '../problem.ts'
import { parseClusterSpecs } from './parse.ts'

const example = (name: string): string => readFileSync(`examples/eks-anywhere/${name}.yaml`, 'utf8')

/** The problems of the management cluster's file after an edit of its text. */
function problemsOf(edit: (text: string) => string, name = 'mgmt'): string[] {
  const before = example(name)
  const text = edit(before)
  expect(text, 'the edit must change something').not.toBe(before)
  return parseClusterSpecs([{ path: 'f.yaml', text }]).problems.map(formatProblem)
}

const replace = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to)

describe('a file of a cluster spec', () => {
  it('reports what YAML cannot read with line and column, and still checks the rest', () => {
    const problems = problemsOf(text => text.replace('count: 3', 'count: 4').replace('diskGiB: 40', 'diskGiB: [40'))
    expect(problems).toHaveLength(3)
    expect(problems[0]).toMatch(
      /^f\.yaml:11:5: Cluster\/mgmt: spec\.controlPlaneConfiguration\.count: Invalid value: 4: .*even number/,
    )
    // The machine config that could not be read is missed by the reference to it.
    expect(problems[1]).toMatch(
      /^f\.yaml:20:7: Cluster\/mgmt: .*machineGroupRef: .*no VSphereMachineConfig of this name; it has mgmt-cp/,
    )
    expect(problems[2]).toMatch(/^f\.yaml:[67][0-9]:\d+: the YAML cannot be read/)
  })

  it('must have exactly one Cluster', () => {
    expect(parseClusterSpecs([{ path: 'f.yaml', text: '' }]).problems.map(formatProblem)).toEqual([
      'f.yaml: no Cluster found in manifest',
    ])
    const second = problemsOf(text => `${text}---\n${text.split('---\n')[0]?.replace('name: mgmt\n', 'name: other\n')}`)
    expect(second).toEqual([
      'f.yaml:102:1: Cluster/other: kind: Forbidden: only one Cluster per yaml manifest is allowed',
    ])
  })

  it('must have apiVersion, kind and a name in every document', () => {
    expect(problemsOf(text => text.replace(/apiVersion: \S+\nkind: FluxConfig/, 'kind: FluxConfig'))).toContain(
      'f.yaml:85: apiVersion not set for Kind: FluxConfig',
    )
    expect(problemsOf(text => `${text}---\na: 1\n`)).toEqual(['f.yaml:100: kind not set'])
    expect(problemsOf(text => `${text}---\n- 1\n`)).toEqual([
      'f.yaml:100: not an object: expected apiVersion, kind, metadata and spec',
    ])
    expect(
      problemsOf(replace('kind: FluxConfig\nmetadata:\n  name: mgmt', 'kind: FluxConfig\nmetadata:\n  labels: {}')),
    ).toContain('f.yaml:85: metadata.name not set for Kind: FluxConfig')
  })

  it('refuses an API version that EKS Anywhere does not have', () => {
    expect(problemsOf(replace('v1alpha1\nkind: FluxConfig', 'v1beta1\nkind: FluxConfig'))).toEqual([
      'f.yaml:85:1: FluxConfig/mgmt: apiVersion: Invalid value: "anywhere.eks.amazonaws.com/v1beta1": expected anywhere.eks.amazonaws.com/v1alpha1',
    ])
  })

  it('reads 1.30 without quotes as the version 1.30', () => {
    const text = example('mgmt').replace('"1.32"', '1.30')
    const { specs, problems } = parseClusterSpecs([{ path: 'f.yaml', text }])
    expect(problems).toEqual([])
    expect(specs[0]?.cluster.spec.kubernetesVersion).toBe('1.30')
  })

  it('keeps unknown kinds, with a warning', () => {
    const text = `${example('mgmt')}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\n`
    const { specs, warnings, problems } = parseClusterSpecs([{ path: 'f.yaml', text }])
    expect(problems).toEqual([])
    expect(warnings.map(formatWarning)).toEqual([
      'f.yaml:101:1: ConfigMap/x: v1 ConfigMap is not a kind of EKS Anywhere: it is kept in the file as it is',
    ])
    expect(specs[0]?.documents.at(-1)?.object.kind).toBe('ConfigMap')
  })

  it('refuses a misspelt field and names the right one; other unknown fields are kept, with a warning', () => {
    expect(problemsOf(replace('      count: 2', '      cuont: 2'))).toEqual([
      'f.yaml:19:7: Cluster/mgmt: spec.workerNodeGroupConfigurations[0].cuont: Invalid value: 2: unknown field; did you mean spec.workerNodeGroupConfigurations[0].count?',
    ])
    const text = example('mgmt').replace('  managementCluster:', '  futureField: 1\n  managementCluster:')
    const { problems, warnings } = parseClusterSpecs([{ path: 'f.yaml', text }])
    expect(problems).toEqual([])
    expect(warnings.map(formatWarning)).toEqual([
      'f.yaml:40:3: Cluster/mgmt: unknown field spec.futureField: the API server will drop or refuse it',
    ])
  })

  it('shows the value of a wrong type, and the rule, once', () => {
    expect(problemsOf(replace('count: 3', 'count: three'))).toEqual([
      'f.yaml:11:5: Cluster/mgmt: spec.controlPlaneConfiguration.count: Invalid value: "three": must be of type integer',
    ])
    expect(problemsOf(replace('count: 3', 'count: 2.5'))).toEqual([
      'f.yaml:11:5: Cluster/mgmt: spec.controlPlaneConfiguration.count: Invalid value: 2.5: must be of type integer',
    ])
  })

  it('survives a Cluster without anything in it', () => {
    const bare = 'apiVersion: anywhere.eks.amazonaws.com/v1alpha1\nkind: Cluster\nmetadata:\n  name: mgmt\n'
    for (const spec of [
      '',
      'spec:\n',
      'spec: 5\n',
      'spec: []\n',
      'spec:\n  workerNodeGroupConfigurations: [1, null]\n',
    ]) {
      const { problems } = parseClusterSpecs([{ path: 'f.yaml', text: bare + spec }])
      expect(problems.map(formatProblem).join('\n')).toContain('spec.kubernetesVersion: Required value')
    }
  })

  it('puts all problems into one error with a line for each', () => {
    const text = example('mgmt').replace('count: 3', 'count: 4').replace('owner: acme', 'owner: ""')
    const error = specError(parseClusterSpecs([{ path: 'f.yaml', text }]).problems)
    expect(error.code).toBe('E_SPEC_INVALID')
    expect(error.message.split('\n')).toHaveLength(3)
    expect(error.message).toContain('2 problems')
    expect(error.facts.details?.['problems']).toMatchObject([
      { file: 'f.yaml', line: 11, field: 'spec.controlPlaneConfiguration.count' },
      { file: 'f.yaml', line: 96, field: 'spec.github.owner' },
    ])
  })
})

describe('references of a cluster', () => {
  it('must lead to an object of the file', () => {
    const lost = problemsOf(
      replace(/kind: VSphereDatacenterConfig\n {4}name: mgmt/, 'kind: VSphereDatacenterConfig\n    name: other'),
    )
    expect(lost).toEqual([
      'f.yaml:23:3: Cluster/mgmt: spec.datacenterRef: Invalid value: "VSphereDatacenterConfig/other": the file has no VSphereDatacenterConfig of this name; it has mgmt',
    ])
  })

  it('to a FluxConfig that is not there are refused, where EKS Anywhere would go on without Git', () => {
    expect(problemsOf(text => text.replace(/---\napiVersion: \S+\nkind: FluxConfig[\s\S]*$/, ''))).toEqual([
      'f.yaml:27:3: Cluster/mgmt: spec.gitOpsRef: Invalid value: "FluxConfig/mgmt": the file has no FluxConfig',
    ])
    expect(problemsOf(replace('kind: FluxConfig\n    name', 'kind: GitOpsConfig\n    name'))).toContain(
      'f.yaml:27:3: Cluster/mgmt: spec.gitOpsRef: Invalid value: "GitOpsConfig/mgmt": the file has no GitOpsConfig, but a FluxConfig of this name',
    )
    expect(
      problemsOf(
        replace('anywhere.eks.amazonaws.com/v1alpha1\nkind: FluxConfig', 'other.example/v1\nkind: FluxConfig'),
      ),
    ).toContain(
      'f.yaml:27:3: Cluster/mgmt: spec.gitOpsRef: Invalid value: "FluxConfig/mgmt": the file has this FluxConfig, but with apiVersion other.example/v1',
    )
    expect(problemsOf(replace('kind: FluxConfig\n    name', 'kind: Secret\n    name')).join('\n')).toContain(
      'only GitOpsConfig or FluxConfig Kind are supported at this time',
    )
  })

  it('stay within one namespace', () => {
    expect(
      problemsOf(replace(/(kind: FluxConfig\nmetadata:\n {2}name: mgmt\n {2}namespace: )default/, '$1other')),
    ).toEqual([
      'f.yaml:89:3: FluxConfig/mgmt: metadata.namespace: Invalid value: "other": FluxConfig and Cluster objects must have the same namespace specified: the Cluster is in default',
    ])
    // No namespace means `default`.
    const text = example('mgmt').replace('  namespace: default\nspec:\n  kubernetes', 'spec:\n  kubernetes')
    expect(parseClusterSpecs([{ path: 'f.yaml', text }]).problems).toEqual([])
  })

  it('that are missing leave objects unused, which is worth a warning', () => {
    const text = example('mgmt').replace(/ {2}gitOpsRef:\n.*\n.*\n/, '')
    const { specs, warnings } = parseClusterSpecs([{ path: 'f.yaml', text }])
    expect(specs[0]?.flux).toBeUndefined()
    expect(warnings.map(warning => warning.message)).toEqual([
      'nothing in Cluster/mgmt refers to it: name it in spec.gitOpsRef of the Cluster to keep the cluster in Git',
    ])
  })
})

describe('the place in Git', () => {
  it('is filled in: branch main, namespace flux-system, a folder named for the management cluster', () => {
    const strip = (text: string) => text.replace(/ {2}branch[\s\S]*?(?= {2}github)/, '')
    const files = ['mgmt', 'prod'].map(name => ({ path: name, text: strip(example(name)) }))
    const { specs, problems } = parseClusterSpecs(files)
    expect(problems).toEqual([])
    for (const spec of specs) {
      expect(spec.flux?.spec).toEqual({
        branch: 'main',
        systemNamespace: 'flux-system',
        clusterConfigPath: 'clusters/mgmt',
        github: { owner: 'acme', repository: 'fleet', personal: false },
      })
    }
  })

  it('of a GitOpsConfig is that of the FluxConfig it means', () => {
    const text = example('mgmt')
      .replace('kind: FluxConfig\n    name', 'kind: GitOpsConfig\n    name')
      .replace(
        /kind: FluxConfig\nmeta[\s\S]*$/,
        'kind: GitOpsConfig\nmetadata:\n  name: mgmt\nspec:\n  flux:\n    github:\n      owner: acme\n      repository: fleet\n      fluxSystemNamespace: sys\n      clusterConfigPath: ./a/\n',
      )
    const { specs, problems, warnings } = parseClusterSpecs([{ path: 'f.yaml', text }])
    expect(problems).toEqual([])
    expect(specs[0]?.gitOpsObject?.kind).toBe('GitOpsConfig')
    expect(specs[0]?.flux).toMatchObject({
      kind: 'FluxConfig',
      metadata: { name: 'mgmt', namespace: 'default' },
      spec: {
        branch: 'main',
        systemNamespace: 'sys',
        clusterConfigPath: 'a',
        github: { owner: 'acme', repository: 'fleet' },
      },
    })
    expect(warnings.map(warning => warning.message).join()).toContain('GitOpsConfig is deprecated')
  })

  it('takes one provider, and no path that leads out of the repository', () => {
    expect(
      problemsOf(
        replace('  github:', '  git:\n    repositoryUrl: ssh://git@a.example/b\n    sshKeyAlgorithm: dsa\n  github:'),
      ),
    ).toEqual([
      expect.stringContaining('must specify only one provider'),
      expect.stringContaining(
        'spec.git.sshKeyAlgorithm: Unsupported value: "dsa": supported values: "rsa", "ecdsa", "ed25519"',
      ),
    ])
    expect(problemsOf(replace(/ {2}github:[\s\S]*$/, ''))).toEqual([
      expect.stringContaining('must specify a provider. Valid options are git and github'),
    ])
    expect(problemsOf(replace('clusterConfigPath: clusters/mgmt', 'clusterConfigPath: ../x'))[0]).toContain(
      "it has '..' in it",
    )
    expect(problemsOf(replace('branch: main', 'branch: a..b'))[0]).toContain(
      'f.yaml:91:3: FluxConfig/mgmt: spec.branch: Invalid value: "a..b": not a valid git branch name',
    )
  })

  it('never shows a password that stands in an address', () => {
    const [problem] = problemsOf(
      replace(
        / {2}github:[\s\S]*$/,
        '  git:\n    repositoryUrl: https://jane:hunter22@a.example/b\n    sshKeyAlgorithm: rsa\n',
      ),
    )
    expect(problem).toContain('it holds credentials')
    expect(problem).not.toContain('hunter22')
  })
})

describe('several files of one fleet', () => {
  const fleet = (edit: Record<string, (text: string) => string>): string[] => {
    const files = ['mgmt', 'prod', 'staging'].map(name => ({
      path: name,
      text: (edit[name] ?? (text => text))(example(name)),
    }))
    return parseClusterSpecs(files).problems.map(formatProblem)
  }

  it('agree when they are the examples', () => expect(fleet({})).toEqual([]))

  it('must say the same about Git', () => {
    expect(fleet({ prod: replace('repository: fleet', 'repository: other') })).toEqual([
      expect.stringMatching(
        /^prod:\d+:\d+: FluxConfig\/prod: spec: .*expected fluxConfig.spec to be the same between management and its workload clusters; github of mgmt differs$/,
      ),
    ])
    expect(fleet({ mgmt: replace(/ {2}gitOpsRef:\n.*\n.*\n/, '') })).toContainEqual(
      expect.stringContaining('the management cluster mgmt has no gitOpsRef'),
    )
  })

  it('have names of their own', () => {
    expect(fleet({ prod: text => text.replaceAll('name: prod\n', 'name: staging\n') }).join('\n')).toContain(
      'prod has a Cluster of this name, too',
    )
    expect(
      fleet({
        prod: replace(/(kind: FluxConfig\n.*\n? {4}name: |kind: FluxConfig\nmetadata:\n {2}name: )prod/g, '$1mgmt'),
      }),
    ).toEqual([expect.stringContaining('mgmt has a FluxConfig of this name, too')])
  })

  it('have a management cluster that manages itself', () => {
    expect(fleet({ staging: replace('    name: mgmt', '    name: prod') })).toContainEqual(
      expect.stringContaining('spec.managementCluster.name: Invalid value: "prod": prod is itself a workload cluster'),
    )
  })

  it('do not put two management clusters into one folder', () => {
    const second = example('mgmt').replaceAll('mgmt', 'other').replace('clusters/other', 'clusters/mgmt')
    const files = [
      { path: 'a', text: example('mgmt') },
      { path: 'b', text: second },
    ]
    expect(parseClusterSpecs(files).problems.map(formatProblem)).toEqual([
      expect.stringContaining('the management cluster mgmt is kept in this folder of the same branch, too'),
    ])
  })
})
