import { describe, expect, it } from 'vitest'
import { builtinResources, builtinSchemas, definitionName, nameOfSchema } from './index.ts'
import type { Schema } from './types.ts'

const at = (schema: Schema | undefined, ...path: string[]): Schema | undefined =>
  path.reduce<Schema | undefined>((here, step) => (step === '*' ? here?.items : here?.properties?.[step]), schema)

describe('the schemas of builtin kinds', () => {
  const deployment = builtinSchemas().schemaFor({ group: 'apps', version: 'v1', kind: 'Deployment' })

  it('know fields, types and merge rules', () => {
    expect(at(deployment, 'spec', 'replicas')).toEqual({ type: 'integer', format: 'int32' })
    const containers = at(deployment, 'spec', 'template', 'spec', 'containers')
    expect(containers).toMatchObject({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    })
    expect(at(containers, '*', 'ports', '*', 'protocol')).toMatchObject({ type: 'string', default: 'TCP' })
    expect(at(containers, '*', 'ports', '*', 'containerPort')).toMatchObject({ type: 'integer' })
    expect(at(deployment, 'spec', 'selector')?.['x-kubernetes-map-type']).toBe('atomic')
    expect(deployment?.properties?.['spec']?.required).toEqual(['selector', 'template'])
  })

  it('may contain themselves without end', () => {
    const crd = builtinSchemas().schemaFor({
      group: 'apiextensions.k8s.io',
      version: 'v1',
      kind: 'CustomResourceDefinition',
    })
    const props = at(crd, 'spec', 'versions', '*', 'schema', 'openAPIV3Schema')
    const next = props?.properties?.['not']
    expect(next?.properties?.['not']?.properties?.['not']?.properties).toHaveProperty('pattern')
  })

  it('have the names of the API server', () => {
    expect(definitionName({ group: 'apps', version: 'v1', kind: 'Deployment' })).toBe('io.k8s.api.apps.v1.Deployment')
    expect(deployment && nameOfSchema(deployment)).toBe('io.k8s.api.apps.v1.Deployment')
    expect(nameOfSchema(at(deployment, 'spec', 'template') as Schema)).toBe('io.k8s.api.core.v1.PodTemplateSpec')
  })

  it('are there for every builtin resource that holds objects', () => {
    for (const { group, version, kind, verbs } of builtinResources()) {
      if (verbs.includes('list'))
        expect(builtinSchemas().schemaFor({ group, version, kind }), `${group}/${version} ${kind}`).toBeDefined()
    }
  })
})

it('builtin resources are described as discovery describes them', () => {
  const deployments = builtinResources().find(one => one.group === 'apps' && one.plural === 'deployments')
  expect(deployments).toMatchObject({
    version: 'v1',
    kind: 'Deployment',
    singular: 'deployment',
    shortNames: ['deploy'],
    categories: ['all'],
    namespaced: true,
  })
  expect(deployments?.subresources).toContainEqual({
    name: 'scale',
    kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
    verbs: ['get', 'patch', 'update'],
  })
  expect(deployments?.subresources.find(one => one.name === 'status')?.kind).toEqual({
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
  })
  expect(builtinResources().find(one => one.plural === 'nodes')?.namespaced).toBe(false)
})
