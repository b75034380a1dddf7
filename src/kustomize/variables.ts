import { Failure } from './failure.ts'
import { getAt, splitFieldPath } from './field-path.ts'
import { visitField } from './fieldspec.ts'
import type { VarArgs } from './kustomization.ts'
import { idKey, printGvk, type ResId } from './resid.ts'
import type { ResMap } from './resmap.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { isMissingOrNull, Scalar, type YamlNode } from './yaml/node.ts'
import { boolOf, floatOf } from './yaml/resolve.ts'

/** A var of a kustomization, with its defaults filled in. */
export interface Variable {
  readonly name: string
  readonly target: ResId
  readonly fieldPath: string
}

/** A var with its defaults. */
export function variableOf(args: VarArgs): Variable {
  const { objref } = args
  let group = objref.group ?? ''
  let version = objref.version ?? ''
  const parts = objref.apiVersion ? objref.apiVersion.split('/') : []
  if (parts.length === 2) [group, version] = parts as [string, string]
  if (parts.length === 1) version = parts[0]!
  const { kind = '', name = '', namespace = '' } = objref
  return {
    name: args.name,
    target: { group, version, kind, name, namespace },
    fieldPath: args.fieldref?.fieldPath || 'metadata.name',
  }
}

/** Notes on the objects which vars take their values from them. @throws Failure when a var means several */
export function bindVariables(map: ResMap, variables: readonly Variable[]): void {
  for (const { name, target } of variables) {
    const key = idKey(target, map.scopes)
    // Without a namespace a var means an object of any namespace, as it always did.
    const exact = target.namespace !== '' || map.scopes.isClusterScoped(target)
    const found = map.byAnyId(id =>
      exact
        ? idKey(id, map.scopes) === key
        : id.name === target.name &&
          id.kind === target.kind &&
          id.version === target.version &&
          id.group === target.group,
    )
    if (found.length > 1) {
      const shown = `${name} ${JSON.stringify(target)}`
      throw new Failure(`found ${found.length} resId matches for var ${shown} (unable to disambiguate)`)
    }
    found[0]?.varNames.push(name)
  }
}

/** Puts the values of vars in place of `$(NAME)` in the fields that the configuration names. */
export function resolveVariables(
  map: ResMap,
  variables: ReadonlyMap<string, Variable>,
  config: TransformerConfig,
): void {
  if (variables.size === 0) return
  const values = new Map<string, Scalar>()
  for (const name of [...variables.keys()].sort()) values.set(name, readValue(map, variables.get(name)!))
  for (const resource of map.resources) {
    for (const spec of config.varReference) {
      visitField(resource.node, spec, undefined, (node, replace) => expandIn(node, replace, values))
    }
  }
}

function readValue(map: ResMap, variable: Variable): Scalar {
  for (const resource of map.resources) {
    if (!resource.varNames.includes(variable.name)) continue
    const path = splitFieldPath(variable.fieldPath).flatMap(indexSteps)
    const node = getAt(resource.node, path)
    if (node === undefined) {
      throw new Failure(`field specified in var '${printVariable(variable)}' not found in corresponding resource`)
    }
    if (node.kind !== 'scalar') throw new Failure(`the field of var '${variable.name}' is not a scalar`)
    return node
  }
  throw new Failure(`var '${printVariable(variable)}' cannot be mapped to a field in the set of known resources`)
}

/** `a[0]` is two steps. */
function indexSteps(step: string): string[] {
  const match = /^([^[]+)\[([0-9]+)\]$/.exec(step)
  return match === null ? [step] : [match[1]!, match[2]!]
}

function printVariable({ name, target, fieldPath }: Variable): string {
  return `{${name} ${printGvk(target)} {${fieldPath}}}`
}

function expandIn(node: YamlNode, replace: (node: YamlNode) => void, values: ReadonlyMap<string, Scalar>): void {
  if (isMissingOrNull(node)) return
  if (node.kind === 'scalar') {
    if (node.tag === 'str') replace(expand(node.value, values))
  } else if (node.kind === 'mapping') {
    for (const [key, value] of node.fields) {
      if (value.kind === 'scalar' && value.tag === 'str') node.fields.set(key, expand(value.value, values))
    }
  } else {
    for (const [i, item] of node.items.entries()) {
      if (item.kind !== 'scalar' || item.tag !== 'str') throw new Failure('invalid value type expect a string')
      node.items[i] = expand(item.value, values)
    }
  }
}

/** Kubernetes' expansion: `$(NAME)`, `$$` for a dollar sign; a text that is one reference takes the value's type. */
export function expand(input: string, values: ReadonlyMap<string, Scalar>): Scalar {
  let out = ''
  for (let i = 0; i < input.length; i++) {
    if (input[i] !== '$' || i + 1 >= input.length) {
      out += input[i]
      continue
    }
    const next = input[i + 1]!
    const close = next === '(' ? input.indexOf(')', i + 2) : -1
    if (next === '$') {
      out += '$'
      i++
    } else if (close < 0) {
      out += `$${next}`
      i++
    } else {
      const value = values.get(input.slice(i + 2, close))
      if (value !== undefined && i === 0 && close === input.length - 1) return typed(value)
      out += value === undefined ? input.slice(i, close + 1) : typed(value).value
      i = close
    }
  }
  return new Scalar(out)
}

/** The value as Go prints it. */
function typed(value: Scalar): Scalar {
  if (value.tag === 'bool') return new Scalar(String(boolOf(value)), 'bool', true)
  if (value.tag === 'float') return new Scalar(String(floatOf(value)), 'float', true)
  return value.tag === 'int' ? new Scalar(value.value, 'int', true) : new Scalar(value.value)
}
