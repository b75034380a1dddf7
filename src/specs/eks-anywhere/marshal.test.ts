import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { SluiceError } from '../../base/errors/index.ts'
import { Secret } from '../../secrets/secret.ts'
import { marshalClusterFile } from './marshal.ts'
import { parseClusterSpecs } from './parse.ts'

const example = (name: string): string => readFileSync(`examples/eks-anywhere/${name}.yaml`, 'utf8')

function marshal(text: string): string {
  const { specs, problems } = parseClusterSpecs([{ path: 'f.yaml', text }])
  expect(problems).toEqual([])
  return marshalClusterFile(specs[0]!)
}

/** The documents of a text, each by its kind. */
const kinds = (text: string): string[] => [...text.matchAll(/^kind: (\w+)/gm)].map(match => match[1]!)

describe('the text of eksa-cluster.yaml', () => {
  it('has the defaults in it, and every comment of the author', () => {
    const text = example('mgmt')
      .replace('    - name: md-0\n      count: 2', '    - machineHealthCheck: {} # repair')
      .replaceAll(/ {2}namespace: default\n/g, '')
      .replace(/ {2}branch: main\n[\s\S]*?systemNamespace: flux-system\n/, '')
    const out = marshal(text)
    expect(out).toContain('    - machineHealthCheck: {} # repair\n      machineGroupRef:')
    expect(out).toContain('      name: md-0\n      count: 1\n')
    expect(out.match(/ {2}namespace: default\n/g)).toHaveLength(5)
    expect(out).toMatch(/ {2}branch: main\n {2}systemNamespace: flux-system\n {2}clusterConfigPath: clusters\/mgmt\n$/)
    for (const comment of text.match(/#.*/g)!) expect(out).toContain(comment)
  })

  it('has the documents in the order of EKS Anywhere, unknown kinds last', () => {
    const documents = example('mgmt')
      .trimEnd()
      .split('---\n')
      .map(part => part.trimEnd())
    const extra = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x'
    const out = marshal([extra, ...documents.reverse()].join('\n---\n'))
    expect(kinds(out)).toEqual([
      'Cluster',
      'VSphereDatacenterConfig',
      'VSphereMachineConfig',
      'VSphereMachineConfig',
      'FluxConfig',
      'ConfigMap',
    ])
    expect(out).not.toMatch(/---\n---/)
    expect(marshal(out)).toBe(out)
  })

  it('keeps a GitOpsConfig as it is written, and does not turn it into a FluxConfig', () => {
    const text = example('mgmt')
      .replace('kind: FluxConfig\n    name', 'kind: GitOpsConfig\n    name')
      .replace(
        /kind: FluxConfig\nmeta[\s\S]*$/,
        'kind: GitOpsConfig\nmetadata:\n  name: mgmt\nspec:\n  flux:\n    github:\n      owner: acme\n      repository: fleet\n',
      )
    const out = marshal(text)
    expect(kinds(out).at(-1)).toBe('GitOpsConfig')
    expect(out).toMatch(
      /repository: fleet\n {6}branch: main\n {6}fluxSystemNamespace: flux-system\n {6}clusterConfigPath: clusters\/mgmt\n$/,
    )
  })

  it('has nothing that only a server sets', () => {
    const text = example('mgmt').replace(
      '  name: mgmt\n  namespace: default\nspec:\n  kubernetesVersion',
      '  name: mgmt\n  uid: 1-2\n  resourceVersion: "7"\n  namespace: default\nstatus:\n  observedGeneration: 1\nspec:\n  kubernetesVersion',
    )
    expect(marshal(text)).toBe(example('mgmt'))
  })

  it('leaves Windows line ends and the separators of the author alone', () => {
    const text = `---\n${example('staging')}---\n`.replaceAll('\n', '\r\n')
    expect(marshal(text)).toBe(text)
  })
})

describe('a secret', () => {
  const refused = (text: string): SluiceError => {
    const { specs } = parseClusterSpecs([{ path: 'f.yaml', text }])
    try {
      marshalClusterFile(specs[0]!)
    } catch (error) {
      return error as SluiceError
    }
    throw new Error('nothing was refused')
  }
  const withLine = (line: string) => example('mgmt').replace('  managementCluster:', `${line}\n  managementCluster:`)

  it('in licenseToken is refused, and not shown', () => {
    const error = refused(withLine('  licenseToken: abcdef-license'))
    expect(error.code).toBe('E_SPEC_SECRET')
    expect(error.message).toContain('f.yaml:40: Cluster/mgmt')
    expect(error.message).toContain('spec.licenseToken')
    expect(error.message).not.toContain('abcdef')
  })

  const shapes = [
    `ghp_${'a1'.repeat(18)}`,
    `glpat-${'a1'.repeat(10)}`,
    `AKIA${'A1'.repeat(8)}`,
    '"-----BEGIN OPENSSH PRIVATE KEY-----"',
    'https://jane:hunter22@proxy.example:3128',
  ]
  for (const shape of shapes) {
    it(`in the form of ${shape.slice(0, 12)}… is refused wherever it stands, even in a comment`, () => {
      for (const text of [withLine(`  auditPolicyContent: ${shape}`), `${example('mgmt')}# ${shape}\n`]) {
        const error = refused(text)
        expect(error.code).toBe('E_SPEC_SECRET')
        expect(error.message).not.toContain(shape.slice(4))
      }
    })
  }

  it('that this process knows is refused in any form', () => {
    const secret = Secret.of('correct horse battery staple')
    expect(refused(withLine(`  auditPolicyContent: ${JSON.stringify(secret.reveal())}`)).code).toBe('E_SPEC_SECRET')
  })

  it('object is refused unless it is encrypted with SOPS', () => {
    const secret = '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  a: b\n'
    expect(refused(example('mgmt') + secret).message).toContain('a secret in stringData')
    expect(marshal(`${example('mgmt')}${secret}sops:\n  version: 3.9.0\n`)).toContain('sops:')
  })

  it('is not the user name of an SSH address', () => {
    const text = example('mgmt').replace(
      /github:[\s\S]*$/,
      'git:\n    repositoryUrl: ssh://git@git.acme.example/fleet.git\n    sshKeyAlgorithm: ed25519\n',
    )
    expect(marshal(text)).toBe(text)
  })
})
