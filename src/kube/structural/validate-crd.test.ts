import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFieldError } from '../field-error-format.ts'
import type { KubeObject } from '../object.ts'
import { validateCrd, validateCrdUpdate } from './validate-crd.ts'

function crd(change: Record<string, unknown> = {}, ...schemas: unknown[]): KubeObject {
  const versions = (schemas.length === 0 ? [{ type: 'object' }] : schemas).map((openAPIV3Schema, i) => ({
    name: `v${i + 1}`,
    served: true,
    storage: i === 0,
    schema: { openAPIV3Schema },
  }))
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
      versions,
      ...change,
    },
  }
}

const errorsOf = (object: KubeObject): string[] => validateCrd(object).map(formatFieldError)
const inSpec = (spec: unknown): string[] => errorsOf(crd({}, { type: 'object', properties: { spec } }))
const root = 'spec.validation.openAPIV3Schema.properties[spec]'

describe('names and versions', () => {
  test('a definition that is right has no errors', () => expect(errorsOf(crd())).toEqual([]))

  test('the name follows from plural and group', () => {
    expect(errorsOf({ ...crd(), metadata: { name: 'gadgets.example.com' } })).toEqual([
      'metadata.name: Invalid value: "gadgets.example.com": must be spec.names.plural+"."+spec.group',
    ])
  })

  test('group, scope and kind', () => {
    expect(errorsOf(crd({ group: 'example' }))).toContain(
      'spec.group: Invalid value: "example": should be a domain with at least one dot',
    )
    expect(errorsOf(crd({ scope: 'World' }))).toEqual([
      'spec.scope: Unsupported value: "World": supported values: "Cluster", "Namespaced"',
    ])
    const names = { plural: 'widgets', kind: 'Widget', listKind: 'Widget' }
    expect(errorsOf(crd({ names }))).toEqual([
      'spec.names.listKind: Invalid value: "Widget": kind and listKind may not be the same',
    ])
  })

  test('errors of schemas that differ name the version', () => {
    const good = { type: 'object', properties: { a: { type: 'string' } } }
    expect(errorsOf(crd({}, good, { type: 'object', properties: { a: {} } }))).toEqual([
      'spec.versions[1].schema.openAPIV3Schema.properties[a].type: Required value: must not be empty for specified object fields',
    ])
  })
})

describe('schemas', () => {
  test.each<[unknown, string]>([
    [{ type: 'object', $ref: '#/x' }, `${root}.$ref: Forbidden: $ref is not supported`],
    [
      { type: 'array', uniqueItems: true, items: { type: 'string' } },
      `${root}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
    [
      { type: 'object', additionalProperties: false },
      `${root}.additionalProperties: Forbidden: additionalProperties cannot be set to false`,
    ],
    [
      { type: 'object', 'x-kubernetes-list-type': 'map' },
      `${root}.type: Invalid value: "object": must be array if x-kubernetes-list-type is specified`,
    ],
    [
      { type: 'array', items: { type: 'object', properties: {} }, 'x-kubernetes-list-type': 'map' },
      `${root}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
    ],
    [
      {
        type: 'array',
        items: { type: 'object', properties: { o: { type: 'string' } } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
      },
      `${root}.x-kubernetes-list-map-keys[0]: Invalid value: "k": entries must all be names of item properties`,
    ],
    [
      { type: 'array', items: { type: 'object', properties: {} }, 'x-kubernetes-list-type': 'set' },
      `${root}.items.x-kubernetes-map-type: Required value: must be atomic as item of a list with x-kubernetes-list-type=set`,
    ],
    [
      { type: 'object', 'x-kubernetes-embedded-resource': true },
      `${root}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
    ],
    [
      { type: 'object', not: { description: 'x' } },
      `${root}.not.description: Forbidden: must be empty to be structural`,
    ],
    [
      { type: 'object', default: { ghost: 1 }, properties: {} },
      `${root}.default: Invalid value: {"ghost":1}: must not have unknown fields: ghost`,
    ],
  ])('%j', (spec, message) => expect(inSpec(spec)).toContain(message))

  test('a rule is checked for its types, its message and its path', () => {
    const rules = (...list: unknown[]): string[] =>
      inSpec({ type: 'object', properties: { a: { type: 'integer' } }, 'x-kubernetes-validations': list })
    expect(rules({ rule: 'self.a > 0', message: 'x', fieldPath: '.a' })).toEqual([])
    expect(rules({ rule: 'self.nope > 1' })[0]).toContain("undefined field 'nope'")
    expect(rules({ rule: 'self.a' })[0]).toContain('must evaluate to a bool')
    expect(rules({ rule: '' })).toEqual([
      `${root}.x-kubernetes-validations[0].rule: Required value: rule is not specified`,
    ])
    expect(rules({ rule: 'true', fieldPath: '.b' })[0]).toContain('does not refer to a valid field')
    expect(rules({ rule: 'true', reason: 'Whatever' })[0]).toContain('Unsupported value: "Whatever"')
    expect(rules({ rule: 'true\n&& true' })[0]).toContain('message must be specified if rule contains line breaks')
  })

  test('oldSelf cannot be used where entries have no identity', () => {
    const items = { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] }
    expect(inSpec({ type: 'array', items })).toEqual([
      `${root}.items.x-kubernetes-validations[0].rule: Invalid value: "self == oldSelf": oldSelf cannot be used on the uncorrelatable portion of the schema within ${root}`,
    ])
  })
})

test('a definition of any shape is judged, never thrown at', () => {
  const schemaLike = fc.anything({
    key: fc.constantFrom(
      'type',
      'properties',
      'items',
      'a',
      'anyOf',
      'default',
      'x-kubernetes-list-type',
      'x-kubernetes-validations',
      'rule',
      'required',
    ),
    values: [fc.constantFrom('object', 'array', 'map', 'self.a', null, true, 1)],
    maxDepth: 5,
  })
  fc.assert(
    fc.property(schemaLike, fc.anything({ maxDepth: 2 }), (schema, names) => {
      expect(Array.isArray(validateCrd(crd({}, { type: 'object', properties: { spec: schema } })))).toBe(true)
      expect(Array.isArray(validateCrd(crd({ names })))).toBe(true)
    }),
  )
})

describe('columns, selectable fields and scale', () => {
  const withPart = (part: Record<string, unknown>): string[] => {
    const object = crd(
      {},
      { type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'string' } } } } },
    )
    const spec = object['spec'] as { versions: Record<string, unknown>[] }
    Object.assign(spec.versions[0]!, part)
    return errorsOf(object)
  }
  test.each<[Record<string, unknown>, string[]]>([
    [{ additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.a' }] }, []],
    [
      { additionalPrinterColumns: [{ name: 'A', type: 'text', jsonPath: '.spec.a' }] },
      [
        'spec.additionalPrinterColumns[0].type: Unsupported value: "text": supported values: "boolean", "date", "integer", "number", "string"',
      ],
    ],
    [
      { additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: 'spec.a' }] },
      [
        'spec.additionalPrinterColumns[0].jsonPath: Invalid value: "spec.a": must be a simple json path starting with .',
      ],
    ],
    [{ selectableFields: [{ jsonPath: '.spec.a' }] }, []],
    [
      { selectableFields: [{ jsonPath: '.spec.b' }] },
      [
        'spec.selectableFields[0].jsonPath: Invalid value: ".spec.b": is an invalid path: does not refer to a valid field',
      ],
    ],
    [
      { subresources: { scale: { specReplicasPath: '.status.x', statusReplicasPath: '.status.y' } } },
      ['spec.subresources.scale.specReplicasPath: Invalid value: ".status.x": should be a json path under .spec'],
    ],
  ])('%j', (part, messages) => expect(withPart(part)).toEqual(messages))
})

describe('updates', () => {
  const established = (object: KubeObject): KubeObject => ({
    ...object,
    status: { conditions: [{ type: 'Established', status: 'True' }], storedVersions: ['v1'] },
  })

  test('scope is fixed once the definition is established, the group always', () => {
    const old = established(crd())
    expect(validateCrdUpdate(established(crd({ scope: 'Cluster' })), old).map(formatFieldError)).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
    ])
  })

  test('a version in which objects are stored must stay', () => {
    const old = established(crd())
    const next = established(crd())
    ;(next['spec'] as { versions: { name: string }[] }).versions[0]!.name = 'v2'
    expect(validateCrdUpdate(next, old).map(formatFieldError)).toEqual([
      'status.storedVersions: Invalid value: [{"name":"v2","served":true,"storage":true}]: must have the storage version v2',
      'status.storedVersions[0]: Invalid value: "v1": missing from spec.versions; v1 was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in v1 and removes v1 from status.storedVersions',
    ])
  })

  test('a schema that was accepted before and did not change is not checked again', () => {
    const bad = { type: 'object', properties: { a: {} } }
    expect(validateCrdUpdate(established(crd({}, bad)), established(crd({}, bad)))).toEqual([])
  })
})
