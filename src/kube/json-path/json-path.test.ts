import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findJsonPath, parseJsonPath, printJsonPathValue } from './index.ts'

const object = {
  metadata: { labels: { 'app.kubernetes.io/name': 'x' }, name: 'n' },
  spec: { replicas: 3, list: [{ n: 1 }, { n: 2 }, { n: 3 }], on: true },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Healthy', status: 'False' },
    ],
  },
}

const find = (text: string): unknown[] | string => {
  const parsed = parseJsonPath(text)
  return 'path' in parsed ? findJsonPath(parsed.path, object) : parsed.problem
}

describe('paths of printer columns', () => {
  test.each([
    ['.spec.replicas', [3]],
    ['.spec.list[0].n', [1]],
    ['.spec.list[-1].n', [3]],
    ['.spec.list[*].n', [1, 2, 3]],
    ['.spec.list[1:].n', [2, 3]],
    ['.spec.list[:2].n', [1, 2]],
    ['.spec.list[0:3:2].n', [1, 3]],
    ['.spec.list[9].n', []],
    ['.metadata.labels.app\\.kubernetes\\.io/name', ['x']],
    [".metadata.labels['app.kubernetes.io/name']", ['x']],
    ['.status.conditions[?(@.type=="Ready")].status', ['True']],
    [".status.conditions[?(@.type!='Ready')].status", ['False']],
    ['.spec.list[?(@.n>=2)].n', [2, 3]],
    ['.spec.list[?(@.n)].n', [1, 2, 3]],
    ['..n', [1, 2, 3]],
    ['.spec.absent.deeper', []],
    ['.spec.*', [3, object.spec.list, true]],
    ['.', [object]],
  ])('%s finds %j', (text, values) => expect(find(text)).toEqual(values))

  test.each([
    ['spec.a', 'must be a simple json path starting with .'],
    ['.spec[', 'is an invalid JSON path'],
    ['.spec[?(@.a==)]', 'is an invalid JSON path'],
    ['.spec[x]', 'is an invalid JSON path'],
  ])('%s is refused: it %s', (text, problem) => expect(find(text)).toBe(problem))

  test('any text is parsed or refused, and what is parsed can be looked for', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('.', '[', ']', '*', 'a', '0', ':', '?', '(', ')', '@', '"', "'", '=', '\\'),
        }),
        text => {
          const parsed = parseJsonPath(`.${text}`)
          if ('path' in parsed) findJsonPath(parsed.path, object)
        },
      ),
    )
  })
})

test.each([
  ['text', 'text'],
  [3, '3'],
  [true, 'true'],
  [null, '<nil>'],
  [{ b: 1, a: [2] }, '{"a":[2],"b":1}'],
])('%j is printed as %s', (value, text) => expect(printJsonPathValue(value)).toBe(text))
