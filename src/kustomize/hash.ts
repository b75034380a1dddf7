import { createHash } from 'node:crypto'
import { goJson, goString } from './yaml/go-json.ts'
import type { Mapping, YamlNode } from './yaml/node.ts'
import { scalarText } from './yaml/node.ts'

/** The hash suffix of a ConfigMap or Secret, as kubectl and kustomize compute it: ten letters without vowels. */
export function hashOf(object: Mapping): string {
  const kind = scalarText(object.get('kind'))
  const parts: [string, string][] =
    kind === 'Secret'
      ? [
          ['data', fieldJson(object.get('data'))],
          ['kind', '"Secret"'],
          ['name', '""'],
          ...optional(object, 'stringData'),
          ['type', fieldJson(object.get('type'))],
        ]
      : [
          ...optional(object, 'binaryData'),
          ['data', fieldJson(object.get('data'))],
          ['kind', '"ConfigMap"'],
          ['name', '""'],
        ]
  const json = `{${parts.map(([key, value]) => `"${key}":${value}`).join(',')}}`
  const hex = createHash('sha256').update(json).digest('hex').slice(0, 10)
  return hex.replace(/[013ae]/g, digit => replacements[digit]!)
}

const replacements: Readonly<Record<string, string>> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' }

function fieldJson(node: YamlNode | undefined): string {
  if (node === undefined) return '""'
  return node.kind === 'scalar' ? goString(node.value) : goJson(node)
}

function optional(object: Mapping, field: string): [string, string][] {
  const node = object.get(field)
  return node?.kind === 'mapping' ? [[field, goJson(node)]] : []
}
