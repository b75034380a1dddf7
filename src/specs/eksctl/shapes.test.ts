import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isObject } from '../../base/json.ts'
import type { Schema } from '../../kube/schema/types.ts'
import { clusterConfigSchema } from './cluster-config-schema.ts'
import { eksctlShapes } from './shapes.ts'

const published = '../shared/data/eksctl/schema.json'

interface Definition {
  readonly properties?: Readonly<Record<string, unknown>>
  readonly required?: readonly string[]
}

describe('the fields of a ClusterConfig', () => {
  it.skipIf(!existsSync(published))('are those of the schema that eksctl publishes', () => {
    const { definitions } = JSON.parse(readFileSync(published, 'utf8')) as { definitions: Record<string, Definition> }
    const theirs: Record<string, string[]> = {}
    for (const [name, definition] of Object.entries(definitions)) {
      if (definition.properties === undefined) continue
      const mark = (field: string) => (definition.required?.includes(field) ? `${field}!` : field)
      theirs[name] = Object.keys(definition.properties).map(mark).sort()
    }
    const ours = Object.fromEntries(
      [...eksctlShapes()].map(([name, shape]) => [
        name,
        [...shape].map(([field, { required }]) => (required ? `${field}!` : field)).sort(),
      ]),
    )
    expect(ours).toEqual(theirs)
  })

  it('lead to nothing that the table does not have', () => {
    const shapes = eksctlShapes()
    for (const [name, shape] of shapes) {
      for (const [field, { type }] of shape) {
        const inner = type.replaceAll(/[{}]|\[\]/g, '')
        expect(['s', 'i', 'n', 'b', 'any', 'taints'].includes(inner) || shapes.has(inner), `${name}.${field}`).toBe(
          true,
        )
      }
    }
  })

  it('have among them every field that Sluice acts on', () => {
    const walk = (schema: Schema, type: string, path: string): void => {
      for (const [field, child] of Object.entries(schema.properties ?? {})) {
        const known = eksctlShapes().get(type)?.get(field)
        expect(known, `${path}.${field}`).toBeDefined()
        const inner = (known?.type ?? '').replaceAll(/[{}]|\[\]/g, '')
        if (eksctlShapes().has(inner)) walk(isObject(child.items) ? child.items : child, inner, `${path}.${field}`)
      }
    }
    walk(clusterConfigSchema as Schema, 'ClusterConfig', '')
  })
})
