import { memoryTree } from '../../base/file-tree.ts'
import { build } from '../../kustomize/index.ts'
import { emitDocument } from '../../kustomize/yaml/emit.ts'
import { lookup, Mapping, text } from '../../kustomize/yaml/node.ts'
import { parseDocuments } from '../../kustomize/yaml/parse.ts'
import type { HelmRelease } from '../../specs/flux/helm-release.ts'
import { originNameLabel, originNamespaceLabel } from './contract.ts'

/**
 * What becomes of the objects that a chart renders, in Flux's order: the kustomize steps of `spec.postRenderers`, then
 * `spec.commonMetadata`, then the labels of origin, which win. `spec.postRenderStrategy` says what is done with hooks:
 * `combined` treats all objects together, `separate` hooks apart, `nohooks` leaves hooks as they are.
 */
export async function postRender(object: HelmRelease, rendered: string): Promise<string> {
  const documents = parseDocuments(rendered).filter((node): node is Mapping => node instanceof Mapping)
  const strategy = object.spec.postRenderStrategy ?? 'combined'
  if (strategy === 'combined') return stream(await change(object, documents))
  const hooks = documents.filter(isHook)
  const others = documents.filter(document => !isHook(document))
  const changed = strategy === 'separate' ? await change(object, hooks) : hooks
  return stream([...(await change(object, others)), ...changed])
}

async function change(object: HelmRelease, documents: readonly Mapping[]): Promise<readonly Mapping[]> {
  let current = documents
  for (const { kustomize } of object.spec.postRenderers ?? []) {
    if (kustomize !== undefined && current.length > 0) current = await customise(kustomize, current)
  }
  const { commonMetadata } = object.spec
  const origin = {
    [originNameLabel]: object.metadata.name ?? '',
    [originNamespaceLabel]: object.metadata.namespace ?? '',
  }
  for (const document of current) {
    setAll(document, 'labels', { ...commonMetadata?.labels, ...origin })
    setAll(document, 'annotations', commonMetadata?.annotations ?? {})
  }
  return current
}

type Step = NonNullable<NonNullable<HelmRelease['spec']['postRenderers']>[number]['kustomize']>

async function customise(step: Step, documents: readonly Mapping[]): Promise<readonly Mapping[]> {
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['helm-output.yaml'],
    ...(step.images?.length ? { images: step.images } : {}),
    ...(step.patches?.length ? { patches: step.patches } : {}),
  }
  const files = { 'kustomization.yaml': JSON.stringify(kustomization), 'helm-output.yaml': stream(documents) }
  const { yaml } = await build(memoryTree(files), '')
  return parseDocuments(yaml()).filter((node): node is Mapping => node instanceof Mapping)
}

function isHook(document: Mapping): boolean {
  return lookup(document, 'metadata', 'annotations', 'helm.sh/hook') !== undefined
}

function setAll(document: Mapping, field: 'labels' | 'annotations', entries: Readonly<Record<string, string>>): void {
  const keys = Object.keys(entries)
  if (keys.length === 0) return
  const metadata = mappingAt(document, 'metadata')
  const map = mappingAt(metadata, field)
  for (const key of keys) map.fields.set(key, text(entries[key]!))
}

function mappingAt(parent: Mapping, key: string): Mapping {
  const found = parent.fields.get(key)
  if (found instanceof Mapping) return found
  const made = new Mapping()
  parent.fields.set(key, made)
  return made
}

function stream(documents: readonly Mapping[]): string {
  return documents.map(emitDocument).join('---\n')
}
