import { describe, expect, it } from 'vitest'
import { emitDocument } from '../yaml/emit.ts'
import type { Mapping } from '../yaml/node.ts'
import { parseDocuments } from '../yaml/parse.ts'
import { builtinMergeSchemas } from './builtin-schema.ts'
import { strategicMerge } from './strategic.ts'

const parse = (text: string): Mapping => parseDocuments(text)[0] as Mapping

function merged(object: string, patch: string, kind = 'apiVersion: apps/v1\nkind: Deployment\n'): string | undefined {
  const result = strategicMerge(parse(kind + object), parse(patch), builtinMergeSchemas)
  return result && emitDocument(result).replace(/^(apiVersion|kind): .*\n/gm, '')
}

const pod = (containers: string): string => `spec: {template: {spec: {containers: ${containers}}}}\n`
const listed = (lines: string): string =>
  `spec:\n  template:\n    spec:\n      containers:\n${lines.replace(/^/gm, '      ')}\n`

describe('strategicMerge', () => {
  it('merges lists by their key, the patch first', () => {
    expect(merged(pod('[{name: a, image: x}, {name: b}]'), pod('[{name: c}, {name: b, image: y}]'))).toBe(
      listed('- name: c\n- image: "y"\n  name: b\n- image: x\n  name: a'),
    )
  })

  it('replaces lists of kinds that it does not know', () => {
    const kind = 'apiVersion: example.com/v1\nkind: Thing\n'
    expect(merged('list: [{name: a}, {name: b}]\n', 'list: [{name: c}]\n', kind)).toBe('list:\n- name: c\n')
  })

  it('takes a port without protocol for the one with it', () => {
    const kind = 'apiVersion: v1\nkind: Service\n'
    const ports = 'spec: {ports: [{port: 80, protocol: TCP}, {port: 81, protocol: UDP}]}\n'
    expect(merged(ports, 'spec: {ports: [{port: 81, name: q}]}\n', kind)).toContain('port: 81\n    protocol: UDP\n')
  })

  it('removes with null and with $patch: delete', () => {
    expect(merged('spec: {replicas: 1, paused: true}\n', 'spec: {paused: null}\n')).toBe('spec:\n  replicas: 1\n')
    expect(merged(pod('[{name: a}, {name: b}]'), pod('[{name: a, $patch: delete}]'))).toBe(listed('- name: b'))
    expect(merged('spec: {a: 1}\n', '$patch: delete\n')).toBeUndefined()
  })

  it('replaces with $patch: replace', () => {
    expect(merged('spec: {strategy: {type: A, x: 1}}\n', 'spec: {strategy: {$patch: replace, type: B}}\n')).toBe(
      'spec:\n  strategy:\n    type: B\n',
    )
    expect(merged(pod('[{name: a}, {name: b}]'), pod('[{name: c}, {$patch: replace}]'))).toBe(listed('- name: c'))
  })

  it('keeps the quotes of what it replaces, and nulls that it does not touch', () => {
    expect(merged('spec: {replicas: "3", paused: null}\n', 'spec: {replicas: 5}\n')).toBe(
      'spec:\n  paused: null\n  replicas: "5"\n',
    )
  })

  it('says what does not fit together', () => {
    expect(() => merged('spec: {a: 1}\n', 'spec: [a]\n')).toThrow(
      'wrong node kind: expected MappingNode but was SequenceNode',
    )
    expect(() => merged('spec: {a: 1}\n', 'spec: {$patch: other}\n')).toThrow("unknown patch strategy 'other'")
  })
})
