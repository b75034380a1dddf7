import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFieldPath, parseFieldPath, withoutFields } from './field-path.ts'
import { list, object, text } from './schema.ts'
import { findUnknownFields } from './unknown-fields.ts'

const schema = {
  type: 'object',
  properties: {
    spec: object('', {
      machineGroupRef: object('', { name: text('') }),
      groups: list('', object('', { count: text(''), kind: text('') })),
    }),
  },
} as const
const find = (spec: unknown) =>
  findUnknownFields(schema, { apiVersion: 'a/v1', kind: 'A', metadata: {}, spec }).map(({ field, meant }) => [
    field,
    meant,
  ])

describe('unknown fields', () => {
  it('are found at any depth', () => {
    expect(find({ other: 1, groups: [{}, { ghost: 1 }] })).toEqual([
      ['spec.other', undefined],
      ['spec.groups[1].ghost', undefined],
    ])
    expect(find({ machineGroupRef: { name: 'a' } })).toEqual([])
  })

  it('that differ in case, by a swap or by a letter are taken for the field that they look like', () => {
    expect(find({ MachineGroupRef: {}, groups: [{ cuont: 1 }] })).toEqual([
      ['spec.MachineGroupRef', 'spec.machineGroupRef'],
      ['spec.groups[0].cuont', 'spec.groups[0].count'],
    ])
    expect(find({ machinegroupref: {} })).toEqual([['spec.machinegroupref', 'spec.machineGroupRef']])
    expect(find({ machineGroupReff: {} })).toEqual([['spec.machineGroupReff', 'spec.machineGroupRef']])
  })

  it('are not taken for a field that is there, nor for one that is far away', () => {
    expect(find({ groups: [{ count: 1, cuont: 1 }] })).toEqual([['spec.groups[0].cuont', undefined]])
    expect(find({ groups: [{ name: 1 }] })).toEqual([['spec.groups[0].name', undefined]])
  })
})

describe('field paths', () => {
  it('are read and written without loss', () => {
    const step = fc.oneof(fc.nat(99), fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,5}$/), fc.constant('a.b/c'))
    const steps = fc.array(step, { maxLength: 5 }).map(all => ['spec', ...all])
    fc.assert(
      fc.property(steps, all => {
        expect(parseFieldPath(formatFieldPath(all))).toEqual(all)
      }),
    )
  })

  it('name what is taken out of a copy', () => {
    const value = { a: [{ b: 1 }, 2], c: 3 }
    expect(withoutFields(value, ['a[0].b', 'a[1]', 'x.y'])).toEqual({ a: [{}, {}], c: 3 })
    expect(value).toEqual({ a: [{ b: 1 }, 2], c: 3 })
  })
})
