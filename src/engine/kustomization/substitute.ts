import { isObject } from '../../base/json.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { parseYaml, stringifyYaml } from '../../kube/yaml/index.ts'
import { substituteKey } from '../contract.ts'
import { messageOf, StepFailure } from '../failure.ts'
import { ExpansionError, expand } from '../substitute/expand.ts'
import { substitutePlain } from './substitute-plain.ts'

/**
 * Puts variables into an object, on its YAML text as Flux does: a replaced value that is not quoted gets the type that
 * YAML sees in it (`replicas: ${count}` becomes a number).
 */
export function substitute(object: KubeObject, variables: ReadonlyMap<string, string>): KubeObject {
  const { labels, annotations } = object.metadata
  if (labels?.[substituteKey] === 'disabled' || annotations?.[substituteKey] === 'disabled') return object
  return substitutePlain(object, variables) ?? substituteText(object, variables)
}

/** {@link substitute} by way of the YAML text, for whatever there is in it. */
export function substituteText(object: KubeObject, variables: ReadonlyMap<string, string>): KubeObject {
  const text = stringifyYaml(object)
  // `$$` collapses and `${` expands; without either the text stays as it is.
  if (!/\$[${]/.test(text)) return object
  const where = formatRef(refOf(object))
  let expanded: unknown
  try {
    expanded = parseYaml(expand(text, variables))
  } catch (error) {
    const what =
      error instanceof ExpansionError ? 'variable substitution failed' : 'variable substitution gives no YAML'
    throw new StepFailure('BuildFailed', `${what}: ${messageOf(error)} (in ${where})`)
  }
  if (!isObject(expanded) || !isObject(expanded['metadata'])) {
    throw new StepFailure('BuildFailed', `variable substitution failed: the result is no object (in ${where})`)
  }
  return expanded as KubeObject
}
