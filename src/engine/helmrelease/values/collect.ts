import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { parseYaml } from '../../../kube/yaml/index.ts'
import { Secret } from '../../../secrets/secret.ts'
import type { HelmRelease } from '../../../specs/flux/helm-release.ts'
import { messageOf, StepFailure } from '../../failure.ts'
import { setPath } from './set-path.ts'
import { mergeValues, type Values } from './tables.ts'

type Reference = NonNullable<HelmRelease['spec']['valuesFrom']>[number]

/** Reads a ConfigMap or Secret of the release's namespace; undefined when it does not exist. */
export type ReadValues = (kind: 'ConfigMap' | 'Secret', name: string) => Promise<KubeObject | undefined>

/**
 * The values of a release: those of `valuesFrom` in order, later ones winning, and `values`, which win over them; a
 * `targetPath` writes its one value over what is there at that moment. Fails with `ValuesError`, in Flux's words.
 */
export async function collectValues(object: HelmRelease, read: ReadValues): Promise<Values> {
  const inline = object.spec.values
  const values = isObject(inline) ? structuredClone(inline) : {}
  let result: Values = {}
  for (const reference of object.spec.valuesFrom ?? []) {
    const text = await resolve(object, reference, read)
    if (text === undefined) continue
    if (reference.targetPath) {
      result = mergeValues(result, values)
      const { targetPath, literal } = reference
      attempt(object, reference, () => setPath(result, targetPath, text, { literal: literal === true }))
    } else {
      result = mergeValues(
        result,
        attempt(object, reference, () => tableOf(text)),
      )
    }
  }
  return mergeValues(result, values)
}

async function resolve(object: HelmRelease, reference: Reference, read: ReadValues): Promise<string | undefined> {
  const { kind, name, optional } = reference
  const source = await read(kind as 'ConfigMap' | 'Secret', name)
  if (source === undefined) {
    if (optional) return undefined
    throw unresolved(object, reference, `${kind === 'Secret' ? 'secrets' : 'configmaps'} "${name}" not found`)
  }
  const data = (source['data'] ?? {}) as Record<string, string>
  const found = Object.hasOwn(data, keyOf(reference)) ? data[keyOf(reference)] : undefined
  if (found === undefined) {
    if (optional) return undefined
    throw unresolved(object, reference, 'key not found')
  }
  if (kind !== 'Secret') return found
  const text = Buffer.from(found, 'base64').toString('utf8')
  // Remembered as secrets, so that no message of ours or of helm can show them.
  if (reference.targetPath) Secret.of(text)
  else rememberScalars(text)
  return text
}

function rememberScalars(text: string): void {
  const walk = (value: unknown): void => {
    if (typeof value === 'string') Secret.of(value)
    else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) walk(item)
  }
  try {
    walk(parseYaml(text))
  } catch {
    Secret.of(text)
  }
}

function tableOf(text: string): Values {
  const value = parseYaml(text) ?? {}
  if (!isObject(value)) throw new Error('the values are no map')
  return value
}

function attempt<T>(object: HelmRelease, reference: Reference, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw unresolved(object, reference, messageOf(error))
  }
}

function keyOf(reference: Reference): string {
  return reference.valuesKey || 'values.yaml'
}

function unresolved(object: HelmRelease, reference: Reference, why: string): StepFailure {
  const { kind, name, optional } = reference
  const what = `${optional ? 'optional ' : ''}${kind} chart values reference '${object.metadata.namespace}/${name}'`
  return new StepFailure('ValuesError', `could not resolve ${what} with key '${keyOf(reference)}': ${why}`)
}
