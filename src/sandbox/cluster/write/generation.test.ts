import { describe, expect, it } from 'vitest'
import { builtinKinds } from '../kinds/builtin.ts'
import { KindRegistry, type ServedKind } from '../kinds/registry.ts'
import { countsAsChange } from './generation.ts'

const kinds = new KindRegistry()
for (const definition of builtinKinds()) kinds.set(definition)
const kind = (apiVersion: string, name: string): ServedKind => kinds.byKind(apiVersion, name)!
const object = (rest: Record<string, unknown>, metadata = {}) => ({
  apiVersion: 'x/v1',
  kind: 'X',
  metadata: { name: 'a', ...metadata },
  ...rest,
})

describe('what makes a new generation', () => {
  it('is the spec and the annotations of a Deployment', () => {
    const of = kind('apps/v1', 'Deployment')
    const old = object({ spec: { replicas: 1 }, status: { replicas: 0 } })
    expect(countsAsChange(of, object({ spec: { replicas: 2 } }), old)).toBe(true)
    expect(countsAsChange(of, object({ spec: { replicas: 1 } }, { annotations: { a: 'b' } }), old)).toBe(true)
    expect(countsAsChange(of, object({ spec: { replicas: 1 } }, { annotations: {} }), old)).toBe(false)
    expect(countsAsChange(of, object({ spec: { replicas: 1 } }, { labels: { a: 'b' } }), old)).toBe(false)
    expect(countsAsChange(of, object({ spec: { replicas: 1 }, status: { replicas: 1 } }), old)).toBe(false)
  })

  it('is not the annotations of a StatefulSet', () => {
    const of = kind('apps/v1', 'StatefulSet')
    expect(countsAsChange(of, object({ spec: {} }, { annotations: { a: 'b' } }), object({ spec: {} }))).toBe(false)
  })
})
