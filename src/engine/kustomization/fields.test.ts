import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isObject, valueAt } from '../../base/json.ts'
import { parseYaml } from '../../kube/yaml/index.ts'
import type { Kustomization } from '../../specs/index.ts'
import { refuseUnsupported } from './unsupported.ts'

// Flux's own CRD, which is not part of this repository.
const crd = '../shared/data/crds/flux/kustomize.toolkit.fluxcd.io_kustomizations.yaml'

/** Fields that the engine refuses by name, with a spec that has them. */
const refused: Readonly<Record<string, object>> = {
  'decryption.serviceAccountName': { decryption: { provider: 'sops', serviceAccountName: 'a' } },
  'kubeConfig.configMapRef.name': { kubeConfig: { configMapRef: { name: 'a' } } },
}
/** Fields that only say what the default is anyway. */
const fixed = new Set(['sourceRef.apiVersion'])
/** Fields whose meaning is kustomize's: the build takes them as they are. */
const built = /^(?:images|patches)\b/

function leaves(schema: unknown, path: string): string[] {
  if (!isObject(schema)) return []
  if (isObject(schema['properties'])) {
    return Object.entries(schema['properties']).flatMap(([name, inner]) =>
      leaves(inner, path === '' ? name : `${path}.${name}`),
    )
  }
  if (isObject(schema['items'])) return leaves(schema['items'], path)
  return [path]
}

const sources = (folder: string): string =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.includes('.test.'))
    .map(entry => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
    .join('\n')

describe.skipIf(!existsSync(crd))("each field of Flux's Kustomization", () => {
  const schema = valueAt(existsSync(crd) ? parseYaml(readFileSync(crd)) : {}, [
    'spec',
    'versions',
    0,
    'schema',
    'openAPIV3Schema',
    'properties',
    'spec',
  ])
  const code = sources('src/engine') + sources('src/kustomize')
  const fields = leaves(schema, '')

  it('is known', () => {
    expect(fields.length).toBeGreaterThan(60)
  })

  it.each(fields)('%s is acted on, or refused by its name', field => {
    const last = field.split('.').at(-1)!
    const base: Kustomization['spec'] = { interval: '1m', prune: true, sourceRef: { kind: 'GitRepository', name: 'a' } }
    const spec = refused[field]
    if (spec !== undefined) {
      const object = { spec: { ...base, ...spec } } as Kustomization
      expect(() => refuseUnsupported(object)).toThrow(field.replace(/\.name$/, ''))
    } else if (!fixed.has(field) && !built.test(field)) {
      expect(code).toMatch(new RegExp(`[.'"{ ]${last}\\b`))
    }
  })
})
