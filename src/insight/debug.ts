import { isObject, valueAt } from '../base/json.ts'
import type { KubeClient } from '../kube/client/types.ts'
import type { KubeObject } from '../kube/object.ts'

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
