import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SluiceError } from '../../base/errors/index.ts'
import { resolvePlain } from './dialect.ts'
import { editYaml } from './edit.ts'
import { parseYaml } from './parse.ts'
import { stringifyYaml } from './stringify.ts'

const spec = `# The management cluster.
apiVersion: anywhere.eks.amazonaws.com/v1alpha1
kind: Cluster
metadata:
  name: mgmt   # do not rename
spec:
  kubernetesVersion: "1.30"
  workerNodeGroupConfigurations:
  - count: 3          # scaled by commit
    name: md-0
    machineGroupRef: {kind: VSphereMachineConfig, name: mgmt}

  # The second group.
  - name: 'md-1'
    count: 2
    taints:
    - key: a
      effect: NoSchedule
  note: |
    keep
    this
---
# Another document.
kind: VSphereDatacenterConfig
metadata: {name: dc}
`
const group = (name: string, ...rest: string[]) => [
  'spec',
  'workerNodeGroupConfigurations',
  { key: 'name', value: name },
  ...rest,
]

describe('editYaml', () => {
  it('changes one number and not one other byte', () => {
    expect(editYaml(spec, [{ path: group('md-0', 'count'), value: 5 }])).toBe(spec.replace('count: 3 ', 'count: 5 '))
    expect(editYaml(spec, [{ path: group('md-1', 'count'), value: 0 }])).toBe(spec.replace('count: 2', 'count: 0'))
  })

  it('gives the same text back when the value is there already', () => {
    expect(editYaml(spec, [{ path: group('md-0', 'count'), value: 3 }])).toBe(spec)
  })

  it('keeps the quotes of a text', () => {
    expect(editYaml(spec, [{ path: ['spec', 'kubernetesVersion'], value: '1.31' }])).toBe(
      spec.replace('"1.30"', '"1.31"'),
    )
    expect(editYaml(spec, [{ path: group('md-1', 'name'), value: "it's" }])).toBe(spec.replace("'md-1'", "'it''s'"))
  })

  it('quotes a plain text when its new value needs it', () => {
    expect(editYaml('a: b\n', [{ path: ['a'], value: 'on' }])).toBe('a: "on"\n')
    expect(editYaml('a: {b: c}\n', [{ path: ['a', 'b'], value: 'x, y' }])).toBe("a: {b: 'x, y'}\n")
  })

  it('adds a missing key behind its siblings', () => {
    expect(editYaml(spec, [{ path: group('md-1', 'labels'), value: { a: 'b' } }])).toBe(
      spec.replace('effect: NoSchedule\n', 'effect: NoSchedule\n    labels:\n      a: b\n'),
    )
    expect(editYaml(spec, [{ path: group('md-0', 'machineGroupRef', 'x'), value: 1 }])).toBe(
      spec.replace('name: mgmt}', 'name: mgmt, x: 1}'),
    )
    expect(editYaml(spec, [{ path: ['metadata', 'annotations', 'a'], value: 'b' }])).toBe(
      spec.replace('rename\n', 'rename\n  annotations:\n    a: b\n'),
    )
  })

  it('fills in an empty value and leaves the comment behind it', () => {
    expect(editYaml('a:   # later\nb: 1\n', [{ path: ['a'], value: 2 }])).toBe('a: 2   # later\nb: 1\n')
    expect(editYaml('a:\n', [{ path: ['a', 'b', 'c'], value: 2 }])).toBe('a:\n  b:\n    c: 2\n')
    expect(editYaml('a: {}\n', [{ path: ['a', 'b'], value: 2 }])).toBe('a:\n  b: 2\n')
  })

  it('appends to lists in the style that they have', () => {
    expect(editYaml(spec, [{ path: [...group('md-1', 'taints'), '-'], value: { key: 'b' } }])).toBe(
      spec.replace('effect: NoSchedule\n', 'effect: NoSchedule\n    - key: b\n'),
    )
    expect(editYaml('a: [1]\n', [{ path: ['a', '-'], value: 2 }])).toBe('a: [1, 2]\n')
    expect(editYaml('a: []\n', [{ path: ['a', '-'], value: 2 }])).toBe('a:\n- 2\n')
    expect(editYaml('a:\n    - 1\n', [{ path: ['a', 1], value: { b: 2, c: 3 } }])).toBe(
      'a:\n    - 1\n    - b: 2\n      c: 3\n',
    )
    expect(editYaml('b: 1\n', [{ path: ['a', '-'], value: 2 }])).toBe('b: 1\na:\n- 2\n')
  })

  it('removes keys and items with their lines', () => {
    expect(editYaml(spec, [{ path: ['spec', 'note'], value: undefined }])).toBe(
      spec.replace('  note: |\n    keep\n    this\n', ''),
    )
    expect(editYaml(spec, [{ path: group('md-0', 'count'), value: undefined }])).toBe(
      spec.replace('count: 3          # scaled by commit\n    name: md-0', 'name: md-0'),
    )
    const without = editYaml(spec, [{ path: group('md-0'), value: undefined }])
    expect(without).toContain('# The second group.\n')
    expect(without).not.toContain('md-0')
    expect(editYaml('a: [1, 2, 3]\n', [{ path: ['a', 2], value: undefined }])).toBe('a: [1, 2]\n')
    expect(editYaml('a: [1, 2, 3]\n', [{ path: ['a', 0], value: undefined }])).toBe('a: [2, 3]\n')
    expect(editYaml('a:\n  b: 1\nc: 2\n', [{ path: ['a', 'b'], value: undefined }])).toBe('a: {}\nc: 2\n')
    expect(editYaml('a: 1\n', [{ path: ['b'], value: undefined }])).toBe('a: 1\n')
  })

  it('changes the document that is asked for', () => {
    const isDatacenter = (value: unknown) => (value as { kind?: string }).kind === 'VSphereDatacenterConfig'
    expect(editYaml(spec, [{ document: isDatacenter, path: ['metadata', 'name'], value: 'dc2' }])).toBe(
      spec.replace('{name: dc}', '{name: dc2}'),
    )
    expect(editYaml(spec, [{ document: 1, path: ['spec'], value: { a: 1 } }])).toBe(`${spec}spec:\n  a: 1\n`)
  })

  it('replaces blocks of text', () => {
    expect(editYaml(spec, [{ path: ['spec', 'note'], value: 'new\nlines\n' }])).toBe(
      spec.replace('    keep\n    this\n', '    new\n    lines\n'),
    )
    expect(editYaml(spec, [{ path: ['spec', 'note'], value: 'short' }])).toBe(
      spec.replace('|\n    keep\n    this\n', 'short\n'),
    )
  })

  it('keeps Windows line ends, a byte order mark and a missing last line break', () => {
    expect(editYaml('a: 1\r\nb:\r\n  c: 2\r\n', [{ path: ['b', 'd'], value: { e: 3 } }])).toBe(
      'a: 1\r\nb:\r\n  c: 2\r\n  d:\r\n    e: 3\r\n',
    )
    expect(editYaml('\ufeffa: 1\n', [{ path: ['a'], value: 2 }])).toBe('\ufeffa: 2\n')
    expect(editYaml('a: 1', [{ path: ['b'], value: 2 }])).toBe('a: 1\nb: 2')
  })

  it('refuses what it cannot change alone, and says where', () => {
    const refused = (text: string, path: Parameters<typeof editYaml>[1][number]['path'], value: unknown) => {
      try {
        editYaml(text, [{ path, value }], { source: 'f.yaml' })
      } catch (error) {
        expect(error).toBeInstanceOf(SluiceError)
        expect((error as SluiceError).code).toBe('E_YAML_EDIT')
        return (error as SluiceError).message
      }
      throw new Error('it was not refused')
    }
    expect(refused('a: &x {b: 1}\nc: *x\n', ['c', 'b'], 2)).toContain('alias')
    expect(refused('a: &x {b: 1}\nc: *x\n', ['a', 'b'], 2)).toContain('other values')
    expect(refused('a: 1\n', ['a', 'b'], 2)).toContain('f.yaml a.b')
    expect(refused('a: [{name: x}]\n', ['a', { key: 'name', value: 'y' }, 'b'], 2)).toContain('[name=y]')
  })

  // Not `y` or `no`: bare, those are the keys true and false.
  const key = fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_.-]{0,6}$/).filter(text => resolvePlain(text) === undefined)
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom('on', 'a: b', 'x\ny\n', '# c', '1e3', ''),
  )
  const tree = fc.letrec(tie => ({
    map: fc.dictionary(key, tie('any'), { minKeys: 1, maxKeys: 4 }),
    any: fc.oneof({ depthSize: 'small' }, leaf, fc.array(leaf, { minLength: 1, maxLength: 3 }), tie('map')),
  })).map as fc.Arbitrary<Record<string, unknown>>

  it('sets any value at any path, and only lines of that place differ', () => {
    fc.assert(
      fc.property(tree, fc.array(key, { minLength: 1, maxLength: 3 }), fc.oneof(leaf, tree), (value, path, next) => {
        const text = stringifyYaml(value)
        let changed: string
        try {
          changed = editYaml(text, [{ path, value: next }])
        } catch (error) {
          // A list or scalar may stand on the way.
          expect((error as SluiceError).message).toMatch(/single value|no item|no list/)
          return
        }
        let here: unknown = parseYaml(changed)
        for (const step of path) here = (here as Record<string, unknown>)[step]
        expect(here).toEqual(next)
        if (!(path[0]! in value)) expect(changed.startsWith(text.replace(/\n$/, ''))).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('changes a scalar in one line of a file with comments', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(key, fc.integer()), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        fc.integer(),
        (pairs, at, next) => {
          const entries = [...new Map(pairs)]
          const lines = entries.map(([k, v], i) => `${k}:${' '.repeat((i % 3) + 1)}${v}${i % 2 ? '  # why' : ''}`)
          const index = at % entries.length
          const changed = editYaml(lines.join('\n\n'), [{ path: [entries[index]![0]], value: next }]).split('\n\n')
          changed.forEach((line, i) => {
            if (i !== index) expect(line).toBe(lines[i])
            else expect(line).toBe(lines[i]!.replace(/(: +)-?\d+/, `$1${next}`))
          })
        },
      ),
    )
  })
})
