import type { YamlNode } from './yaml/node.ts'

const kinds = { scalar: 'ScalarNode', mapping: 'MappingNode', sequence: 'SequenceNode' } as const

/** kyaml's words for a node of the wrong kind. */
export function wrongKind(expected: string, node: YamlNode): string {
  return `wrong node kind: expected ${expected} but was ${kinds[node.kind]}`
}
