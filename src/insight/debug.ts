import { isObject, valueAt } from '../base/json.ts'
import { collectValues } from '../engine/index.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseYaml, stringifyYaml } from '../kube/yaml/index.ts'
import type { HelmRelease } from '../specs/index.ts'

/** One variable or value, and where it comes from. */
export interface Origin {
  readonly name: string
  /** Undefined when it is a secret that is not to be shown. */
  readonly value: string | undefined
  /** `spec.postBuild.substitute`, `ConfigMap/flux-system/vars`. */
  readonly from: string
  /** What it hid, when an earlier source has the same name. */
  readonly overrides?: string
}

interface Reference {
  readonly kind: 'ConfigMap' | 'Secret'
  readonly name: string
  readonly optional: boolean
}

/**
 * The variables that a Kustomization substitutes, in the order of their names: later sources hide earlier ones. Values of
 * Secrets are shown only when asked for.
 */
export async function substitutions(
  client: KubeClient,
  object: KubeObject,
  showSecrets: boolean,
  signal: AbortSignal,
): Promise<Origin[]> {
  const found = new Map<string, Origin>()
  const add = (origin: Origin) => {
    const before = found.get(origin.name)
    found.set(origin.name, before ? { ...origin, overrides: before.from } : origin)
  }
  const namespace = object.metadata.namespace ?? ''
  for (const reference of references(object, ['spec', 'postBuild', 'substituteFrom'])) {
    const { kind, name, optional } = reference
    const from = `${kind}/${namespace}/${name}`
    const source = await client.find({ group: '', version: 'v1', kind, namespace, name }, { signal })
    if (!source) {
      add({ name: `(${from})`, value: optional ? 'not there; it is optional' : 'not there', from })
      continue
    }
    const data = isObject(source['data']) ? source['data'] : {}
    for (const [key, text] of Object.entries(data)) {
      const plain = kind === 'Secret' ? Buffer.from(String(text), 'base64').toString('utf8') : String(text)
      add({ name: key, value: kind === 'Secret' && !showSecrets ? undefined : plain, from })
    }
  }
  const inline = valueAt(object, ['spec', 'postBuild', 'substitute'])
  for (const [name, value] of Object.entries(isObject(inline) ? inline : {}))
    add({ name, value: String(value), from: 'spec.postBuild.substitute' })
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function references(object: KubeObject, path: readonly string[]): Reference[] {
  const list = valueAt(object, path)
  if (!Array.isArray(list)) return []
  return list.filter(isObject).map(one => ({
    kind: one['kind'] === 'Secret' ? 'Secret' : 'ConfigMap',
    name: String(one['name'] ?? ''),
    optional: one['optional'] === true,
  }))
}

/**
 * The values that a HelmRelease gives to its chart, merged as the engine merges them. What comes from Secrets is shown only
 * when asked for.
 */
export async function releaseValues(
  client: KubeClient,
  object: KubeObject,
  showSecrets: boolean,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const namespace = object.metadata.namespace ?? ''
  return await collectValues(object as HelmRelease, async (kind, name) => {
    const found = await client.find({ group: '', version: 'v1', kind, namespace, name }, { signal })
    return kind === 'Secret' && !showSecrets && found ? masked(found) : found
  })
}

/** A Secret whose every value is `***`, in the same shape: keys stay, so that the merge is the same. */
function masked(secret: KubeObject): KubeObject {
  const data = isObject(secret['data']) ? secret['data'] : {}
  const hidden = Object.entries(data).map(([key, text]) => {
    const plain = Buffer.from(String(text), 'base64').toString('utf8')
    return [key, Buffer.from(maskedText(plain)).toString('base64')]
  })
  return { ...secret, data: Object.fromEntries(hidden) } as KubeObject
}

function maskedText(text: string): string {
  try {
    const value = parseYaml(text)
    return isObject(value) ? stringifyYaml(maskScalars(value) as Record<string, unknown>) : '***'
  } catch {
    return '***'
  }
}

function maskScalars(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskScalars)
  if (!isObject(value)) return '***'
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, maskScalars(one)]))
}
