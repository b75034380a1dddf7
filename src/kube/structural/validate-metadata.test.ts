import { describe, expect, test } from 'vitest'
import { formatFieldError } from '../field-error-format.ts'
import type { ObjectMeta } from '../object.ts'
import { decodeError, metadataDecodeError } from './decode-error.ts'
import { configKey, labelName, pathSegmentName, portName, qualifiedName, subdomainName } from './names.ts'
import { validateMetadata, validateMetadataUpdate } from './validate-metadata.ts'

const errorsOf = (metadata: ObjectMeta, namespaced = true): string[] =>
  validateMetadata({ name: 'a', ...(namespaced ? { namespace: 'n' } : {}), ...metadata }, { namespaced }).map(
    formatFieldError,
  )

describe('metadata on a create', () => {
  test('a namespace is required in one scope and forbidden in the other', () => {
    expect(errorsOf({ namespace: undefined })).toEqual(['metadata.namespace: Required value'])
    expect(errorsOf({ namespace: 'n' }, false)).toEqual(['metadata.namespace: Forbidden: not allowed on this type'])
  })

  test('a generated name counts without its last dash', () => {
    expect(errorsOf({ generateName: 'gen-' })).toEqual([])
    expect(errorsOf({ generateName: 'Gen-' })).toHaveLength(1)
  })

  test('finalizers that contradict each other', () => {
    expect(errorsOf({ finalizers: ['orphan', 'foregroundDeletion'] })).toEqual([
      'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
    ])
  })

  test('owners: what is missing, who may not own, and how many may control', () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', uid: 'u' }
    expect(errorsOf({ ownerReferences: [{ ...owner, uid: '' }] })).toEqual([
      'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
    ])
    expect(errorsOf({ ownerReferences: [{ ...owner, kind: 'Event' }] })).toEqual([
      'metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"o","uid":"u"}: /v1, Kind=Event is disallowed from being an owner',
    ])
    expect(
      errorsOf({
        ownerReferences: [
          { ...owner, controller: true },
          { ...owner, name: 'p', controller: true },
        ],
      })[0],
    ).toContain(
      'Only one reference can have Controller set to true. Found "true" in references for ConfigMap/o and ConfigMap/p',
    )
  })

  test('annotations hold at most 256 KiB together', () => {
    expect(errorsOf({ annotations: { a: 'x'.repeat(256 * 1024) } })).toEqual([
      'metadata.annotations: Too long: may not be more than 262144 bytes',
    ])
  })
})

describe('metadata on an update', () => {
  const old: ObjectMeta = { name: 'a', namespace: 'n', uid: 'u', creationTimestamp: '2024-01-01T00:00:00Z' }

  test('identity is fixed', () => {
    expect(validateMetadataUpdate({ ...old, uid: 'v' }, old).map(formatFieldError)).toEqual([
      'metadata.uid: Invalid value: "v": field is immutable',
    ])
  })

  test('an object that is being deleted gets no new finalizers', () => {
    const dying: ObjectMeta = { ...old, deletionTimestamp: '2024-01-02T00:00:00Z', finalizers: ['a.b/c'] }
    expect(validateMetadataUpdate({ ...dying, finalizers: ['x.y/z', 'a.b/c'] }, dying).map(formatFieldError)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.y/z"}',
    ])
    expect(validateMetadataUpdate({ ...dying, finalizers: [] }, dying)).toEqual([])
  })
})

describe('names', () => {
  test.each([
    [subdomainName, 'a.b-c.d', []],
    [subdomainName, 'x'.repeat(254), ['must be no more than 253 characters']],
    [labelName, 'a.b', ['must not contain dots']],
    [labelName, 'x'.repeat(64), ['must be no more than 63 characters']],
    [pathSegmentName, 'system:node', []],
    [pathSegmentName, 'a/b', ["may not contain '/'"]],
    [pathSegmentName, '..', ["may not be '..'"]],
    [qualifiedName, 'example.com/name', []],
    [qualifiedName, 'a', []],
    [configKey, '..', ["must not be '..'"]],
    [portName, 'http', []],
    [portName, '8080', ['must contain at least one letter (a-z)']],
  ] as const)('%o %j', (rule, name, broken) => expect(rule(name)).toEqual(broken))

  test('a key without a name or a prefix', () => {
    expect(qualifiedName('example.com/')[0]).toBe('name part must be non-empty')
    expect(qualifiedName('/name')[0]).toBe('prefix part must be non-empty')
  })
})

describe('what cannot be read at all', () => {
  test.each([
    [{ labels: { a: 1 } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string'],
    [{ labels: [] }, 'json: cannot unmarshal array into Go struct field ObjectMeta.labels of type map[string]string'],
    [{ name: true }, 'json: cannot unmarshal bool into Go struct field ObjectMeta.name of type string'],
    [{ generation: 1.5 }, 'json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.generation of type int64'],
    [{ finalizers: 'x' }, 'json: cannot unmarshal string into Go struct field ObjectMeta.finalizers of type []string'],
    [{ name: 'x', labels: null }, undefined],
  ])('%j', (metadata, message) => expect(metadataDecodeError(metadata)).toBe(message))

  test('a resource in a resource is named', () => {
    const schema = {
      type: 'object',
      properties: { tpl: { type: 'object', 'x-kubernetes-embedded-resource': true } },
    } as const
    expect(decodeError(schema, { metadata: {}, tpl: { metadata: { labels: { a: 5 } } } })).toBe(
      'tpl.metadata: Invalid value: {"labels":{"a":5}}: json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string',
    )
  })
})
