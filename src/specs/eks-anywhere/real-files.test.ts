import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatProblem } from '../problem.ts'
import { marshalClusterFile } from './marshal.ts'
import { parseClusterSpecs } from './parse.ts'

const folder = '../shared/data/eks-anywhere'

const refused: Record<string, string> = {
  'cluster_invalid_gitops_empty_gitowner.yaml': "'owner' is not set or empty in gitOps.flux",
  // The field `spec.gitops` was dropped from the API long ago.
  'cluster_invalid_gitops_empty_gitrepo.yaml': 'spec.gitops: Forbidden',
}

describe.skipIf(!existsSync(folder))('real cluster specs', () => {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const text = () => readFileSync(`${folder}/${name}`, 'utf8')
    const reason = refused[name]
    if (reason !== undefined) {
      it(`refuses ${name}`, () => {
        const { problems } = parseClusterSpecs([{ path: name, text: text() }])
        expect(problems.map(formatProblem).join('\n')).toContain(reason)
        expect(problems).toHaveLength(1)
      })
      continue
    }
    // `cluster_invalid_worker_node_count.yaml` has a count of 0, which is legal today.
    it(`accepts ${name}, and marshals it to a file that it accepts and leaves alone`, () => {
      const first = parseClusterSpecs([{ path: name, text: text() }])
      expect(first.problems).toEqual([])
      const marshalled = marshalClusterFile(first.specs[0]!)
      const second = parseClusterSpecs([{ path: name, text: marshalled }])
      expect(second.problems).toEqual([])
      expect(marshalClusterFile(second.specs[0]!)).toBe(marshalled)
      expect(second.specs[0]!.cluster).toEqual(first.specs[0]!.cluster)
      expect(second.specs[0]!.flux).toEqual(first.specs[0]!.flux)
    })
  }
})

describe('the examples', () => {
  const examples = ['mgmt', 'prod', 'staging'].map(name => {
    const path = `examples/eks-anywhere/${name}.yaml`
    return { path, text: readFileSync(path, 'utf8') }
  })

  it('have no problems, and only the warning about a single control plane machine', () => {
    const { problems, warnings, specs } = parseClusterSpecs(examples)
    expect(problems.map(formatProblem)).toEqual([])
    expect(warnings.map(warning => warning.message)).toEqual([
      'spec.controlPlaneConfiguration.count: 1: 3 or 5 control plane machines are recommended',
    ])
    expect(specs.map(spec => [spec.name, spec.managementCluster, spec.selfManaged, spec.provider])).toEqual([
      ['mgmt', 'mgmt', true, 'vsphere'],
      ['prod', 'mgmt', false, 'vsphere'],
      ['staging', 'mgmt', false, 'vsphere'],
    ])
  })

  it('are marshalled byte for byte as they are', () => {
    for (const example of examples) {
      const { specs } = parseClusterSpecs([example])
      expect(marshalClusterFile(specs[0]!)).toBe(example.text)
    }
  })
})
