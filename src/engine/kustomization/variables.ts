import type { KubeObject } from '../../kube/object.ts'
import { Secret } from '../../secrets/secret.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { StepFailure } from '../failure.ts'
import { digestOf } from '../live/fingerprint.ts'

/** The variables of a Kustomization's `spec.postBuild`. */
export interface Variables {
  readonly values: ReadonlyMap<string, string>
  /** Whether substitution runs at all. */
  readonly active: boolean
  /** Equal for equal variables; it tells nothing about them. */
  readonly digest: string
}

const noVariables: Variables = { values: new Map(), active: false, digest: '' }
const nameShape = /^[_\p{L}][_\p{L}\p{Nd}]*$/u

/** Reads a ConfigMap or Secret of the Kustomization's namespace; undefined when it does not exist. */
export type ReadVariables = (kind: 'ConfigMap' | 'Secret', name: string) => Promise<KubeObject | undefined>

/** Collects the variables: `substituteFrom` in order, later ones winning, then `substitute`, which wins over all. */
export async function collectVariables(object: Kustomization, read: ReadVariables): Promise<Variables> {
  const postBuild = object.spec.postBuild
  if (postBuild === undefined) return noVariables
  const values = new Map<string, string>()
  for (const reference of postBuild.substituteFrom ?? []) {
    const { kind, name, optional } = reference
    const what = `substitute from '${kind}/${name}' error`
    const source = await read(kind as 'ConfigMap' | 'Secret', name)
    if (source === undefined) {
      if (optional) continue
      const plural = kind === 'Secret' ? 'secrets' : 'configmaps'
      throw new StepFailure('BuildFailed', `${what}: ${plural} "${name}" not found`)
    }
    for (const [key, value] of Object.entries((source['data'] ?? {}) as Record<string, string>)) {
      values.set(key, oneLine(kind === 'Secret' ? decoded(value) : value))
    }
  }
  for (const [key, value] of Object.entries(postBuild.substitute ?? {})) values.set(key, oneLine(value))
  for (const name of values.keys()) {
    if (!nameShape.test(name)) throw new StepFailure('BuildFailed', `'${name}' var name is invalid`)
  }
  const always = postBuild.substituteStrategy === 'Always'
  return { values, active: values.size > 0 || always, digest: digestOf([...values].sort()) }
}

/** Remembers a Secret's value as one, so that no message of ours can show it. */
function decoded(base64: string): string {
  return Secret.of(Buffer.from(base64, 'base64').toString('utf8')).reveal()
}

function oneLine(value: string): string {
  return value.replaceAll('\n', '')
}
