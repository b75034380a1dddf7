import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isObject } from '../../base/json.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import { eksaKinds } from './kinds.ts'

const folder = '../shared/data/crds/eks-anywhere'

interface Crd {
  spec: {
    group: string
    scope: string
    names: Record<string, unknown>
    versions: { name: string; schema: { openAPIV3Schema: unknown }; [key: string]: unknown }[]
  }
}

// What may make a value invalid: ours must not be stricter than the real one, so each of these must stand there, too.
const checks = ['pattern', 'enum', 'minimum', 'maximum', 'minLength', 'maxLength', 'maxItems', 'format', 'default']

/** Ways in which our schema says something about a field that the real one does not say. */
function disagreements(ours: unknown, real: unknown, path: string): string[] {
  if (!isObject(ours) || !isObject(real)) return ours === undefined ? [] : [`${path}: only ours`]
  const found: string[] = []
  if (ours['type'] !== real['type']) found.push(`${path}: type ${ours['type']} instead of ${real['type']}`)
  for (const check of checks) {
    if (ours[check] !== undefined && JSON.stringify(ours[check]) !== JSON.stringify(real[check])) {
      found.push(`${path}: ${check} ${JSON.stringify(ours[check])} instead of ${JSON.stringify(real[check])}`)
    }
  }
  const required = Array.isArray(real['required']) ? real['required'] : []
  for (const name of Array.isArray(ours['required']) ? ours['required'] : []) {
    if (!required.includes(name)) found.push(`${path}.${name}: required by us only`)
  }
  const properties = isObject(real['properties']) ? real['properties'] : {}
  const known = isObject(ours['properties']) ? ours['properties'] : {}
  for (const [name, child] of Object.entries(known)) {
    found.push(...disagreements(child, properties[name], `${path}.${name}`))
  }
  const keeps = ours['x-kubernetes-preserve-unknown-fields'] === true
  for (const name of Object.keys(properties)) {
    if (!keeps && path !== '' && !(name in known)) found.push(`${path}.${name}: ours would drop it`)
  }
  if (ours['items'] !== undefined) found.push(...disagreements(ours['items'], real['items'], `${path}[]`))
  if (isObject(ours['additionalProperties'])) {
    found.push(...disagreements(ours['additionalProperties'], real['additionalProperties'], `${path}{}`))
  }
  return found
}

describe.skipIf(!existsSync(folder))('the kinds of EKS Anywhere', () => {
  for (const kind of eksaKinds) {
    const file = `${folder}/${kind.group}_${kind.plural}.yaml`
    // The Snow kinds and templates are not among the files.
    if (!existsSync(file)) continue
    it(`${kind.kind} has the names of the real CRD, and takes every object that the real one takes`, () => {
      const real = parseYaml(readFileSync(file)) as unknown as Crd
      const ours = kind.crd() as unknown as Crd
      const { versions, ...rest } = ours.spec
      expect(rest).toEqual({ group: real.spec.group, names: real.spec.names, scope: real.spec.scope })
      expect(versions.map(({ schema, ...version }) => version)).toEqual(
        real.spec.versions.map(({ schema, ...version }) => version),
      )
      const schemas = [versions[0], real.spec.versions[0]].map(version => version?.schema.openAPIV3Schema)
      expect(disagreements(schemas[0], schemas[1], '')).toEqual([])
    })
  }
})
