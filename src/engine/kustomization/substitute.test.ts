import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../kube/object.ts'
import { substitute, substituteText } from './substitute.ts'
import { substitutePlain } from './substitute-plain.ts'

const variables = new Map([
  ['app', 'web-1'],
  ['host', 'web.example.com'],
  ['count', '3'],
  ['on', 'yes'],
  ['empty', ''],
  ['odd', 'a: b # c'],
  ['word', 'plain'],
])

const configMap = (data: unknown): KubeObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: '${app}' }, data }) as KubeObject

describe('substitution', () => {
  it('gives names and hosts as text, and numbers and words as the type that YAML sees in them', () => {
    const object = configMap({ host: '${host}', url: 'https://${host}/x', replicas: '${count}', on: '${on}' })
    const { metadata, data } = substitute(object, variables) as KubeObject & { data: unknown }
    expect(metadata.name).toBe('web-1')
    expect(data).toEqual({ host: 'web.example.com', url: 'https://web.example.com/x', replicas: 3, on: true })
  })

  it('value by value gives what the text gives', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '${app}',
        '${host}',
        '${count}',
        '${on}',
        '${empty}',
        '${odd}',
        '${word}',
        '$$',
        '$',
        '${',
        '}',
        '$x',
      ),
      fc.constantFrom('-', '.', '/', ':', '=', ' ', 'a', '1', 'true', '~', '#', '"', '\n', '${app:=x}', '${none:-y}'),
    )
    const text = fc.array(piece, { maxLength: 5 }).map(parts => parts.join(''))
    const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null))
    const data = fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', '${app}'), text), fc.oneof(value, fc.array(value)))
    fc.assert(
      fc.property(data, fields => {
        const object = configMap(fields)
        const plain = substitutePlain(object, variables)
        if (plain !== undefined) expect(plain).toEqual(substituteText(object, variables))
      }),
      { numRuns: 3000 },
    )
  })
})
