import { type Mapping, Scalar, type YamlNode } from './node.ts'
import { resolvePlain } from './resolve.ts'

/**
 * A scalar that kyaml writes without a tag: it keeps the quoting of what it replaces, and without quotes it becomes
 * whatever its text looks like. (A name `12` written over a plain name is therefore a number, as in kustomize.)
 */
export function untagged(value: string, replaced?: YamlNode): Scalar {
  const quoted = replaced !== undefined && replaced.kind === 'scalar' && !replaced.plain
  return quoted ? new Scalar(value) : new Scalar(value, resolvePlain(value), true)
}

/** Writes a scalar over a node in place where that is possible, and through the parent where it is not. */
export function setUntagged(parent: Mapping, key: string, value: string): void {
  parent.set(key, untagged(value, parent.get(key)))
}

/** The texts of a mapping's scalars, whatever they are (null is `null`); collections are ''. */
export function stringMap(node: YamlNode | undefined): Map<string, string> {
  const result = new Map<string, string>()
  if (node === undefined || node.kind !== 'mapping') return result
  for (const [key, value] of node.fields) {
    result.set(key, value.kind === 'scalar' ? value.value : '')
  }
  return result
}
