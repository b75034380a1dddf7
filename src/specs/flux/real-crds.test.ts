import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isObject } from '../../base/json.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import { fluxKinds } from './kinds.ts'

const folder = '../shared/data/crds/flux'

/** The parts of a CRD that decide how objects are treated; prose is left out. */
function contract(value: unknown, inProperties = false): unknown {
  if (Array.isArray(value)) return value.map(item => contract(item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => inProperties || key !== 'description')
      .map(([key, item]) => {
        // Order does not matter in `required` and in enumerations.
        if ((key === 'required' || key === 'enum') && Array.isArray(item)) return [key, [...item].sort()]
        return [key, contract(item, key === 'properties' && !inProperties)]
      }),
  )
}

describe.skipIf(!existsSync(folder))('the Flux kinds', () => {
  for (const kind of fluxKinds) {
    it(`${kind.kind} has the names, columns, fields, types, defaults and rules of Flux's own CRD`, () => {
      const real = parseYaml(readFileSync(`${folder}/${kind.group}_${kind.plural}.yaml`)) as Record<string, unknown>
      const ours = kind.crd()
      expect(contract(ours['spec'])).toEqual(contract(real['spec']))
      const annotations = (real['metadata'] as { annotations: Record<string, string> }).annotations
      expect(ours.metadata.annotations).toMatchObject({
        'kustomize.toolkit.fluxcd.io/substitute': annotations['kustomize.toolkit.fluxcd.io/substitute'],
      })
    })
  }
})

describe('every Flux kind', () => {
  it('describes every field', () => {
    const missing: string[] = []
    const walk = (schema: unknown, path: string): void => {
      if (!isObject(schema)) return
      if (isObject(schema['properties'])) {
        for (const [name, child] of Object.entries(schema['properties'])) {
          if (isObject(child) && child['description'] === undefined && name !== 'metadata')
            missing.push(`${path}.${name}`)
          walk(child, `${path}.${name}`)
        }
      }
      walk(schema['items'], `${path}[]`)
    }
    for (const kind of fluxKinds) walk(kind.schema, kind.kind)
    expect(missing).toEqual([])
  })
})
