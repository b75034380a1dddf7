import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { schemaByName } from './index.ts'
import type { Schema } from './types.ts'

const document = join('..', 'shared', 'data', 'kube-reference', 'openapi-v2.json.gz')

interface Definition {
  readonly type?: string
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Record<string, unknown>>>
  readonly 'x-kubernetes-map-type'?: string
}

/** What the merge rules depend on. */
const kept = [
  'x-kubernetes-list-type',
  'x-kubernetes-list-map-keys',
  'x-kubernetes-patch-strategy',
  'x-kubernetes-patch-merge-key',
  'enum',
] as const

describe.skipIf(!existsSync(document))('the table of builtin kinds, against the document of a real API server', () => {
  it('has every definition, field and merge rule of it', () => {
    const { definitions } = JSON.parse(gunzipSync(readFileSync(document)).toString()) as {
      definitions: Record<string, Definition>
    }
    let fields = 0
    for (const [name, definition] of Object.entries(definitions)) {
      const schema = schemaByName(name)
      expect(schema, name).toBeDefined()
      if (!definition.properties) continue
      expect(schema!.required, name).toEqual(definition.required)
      expect(schema!['x-kubernetes-map-type'], name).toBe(definition['x-kubernetes-map-type'])
      expect(Object.keys(schema!.properties!), name).toEqual(Object.keys(definition.properties))
      for (const [field, wanted] of Object.entries(definition.properties)) {
        const seen = schema!.properties![field] as Schema
        fields++
        for (const rule of kept) expect(seen[rule], `${name}.${field} ${rule}`).toEqual(wanted[rule])
        if (wanted['type'] !== undefined) expect(seen.type, `${name}.${field}`).toBe(wanted['type'])
      }
    }
    expect(fields).toBeGreaterThan(2000)
  })
})
