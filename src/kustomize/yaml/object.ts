import type { KubeObject } from '../../kube/object.ts'
import type { Mapping, YamlNode } from './node.ts'
import { boolOf, floatOf, intOf, timestampOf } from './resolve.ts'

/** An object as plain JSON. Integers beyond 2^53 lose precision, as in every JSON reader of JavaScript. */
export function objectOf(node: Mapping): KubeObject {
  return jsonValue(node) as KubeObject
}

function jsonValue(node: YamlNode): unknown {
  if (node.kind === 'sequence') return node.items.map(jsonValue)
  if (node.kind === 'mapping') {
    const result: Record<string, unknown> = {}
    for (const [key, value] of node.fields) {
      // `__proto__` is a key like any other.
      if (key === '__proto__')
        Object.defineProperty(result, key, {
          value: jsonValue(value),
          enumerable: true,
          configurable: true,
          writable: true,
        })
      else result[key] = jsonValue(value)
    }
    return result
  }
  switch (node.tag) {
    case 'null':
      return node.plain ? null : ''
    case 'bool':
      return boolOf(node)
    case 'int':
      return Number(intOf(node.value.replaceAll('_', '')) ?? 0)
    case 'float':
      return floatOf(node)
    case 'timestamp':
      return timestampOf(node.value) ?? node.value
    case 'binary':
      return Buffer.from(node.value, 'base64').toString('utf8')
    default:
      return node.value
  }
}
