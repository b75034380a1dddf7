import type { BuildContext } from './context.ts'
import { mergeFieldSpecs } from './fieldspec.ts'
import type { Kustomization } from './kustomization.ts'
import type { Loader } from './loader.ts'
import { configureJson6902, configurePatch, configureStrategic } from './plugins.ts'
import type { Transformer } from './transformer.ts'
import type { TransformerConfig } from './transformer-config.ts'
import { prefixTransformer, suffixTransformer } from './transformers/affix.ts'
import { imageTransformer } from './transformers/images.ts'
import { stringsTransformer } from './transformers/labels.ts'
import { namespaceTransformer } from './transformers/namespace.ts'
import { loadReplacements } from './transformers/replacement-files.ts'
import { replacementTransformer } from './transformers/replacements.ts'
import { replicaTransformer } from './transformers/replicas.ts'

/** A transformer that a field of a kustomization asks for, and the kind of the builtin plugin that it is. */
export interface BuiltinStep {
  readonly kind: string
  readonly transform: Transformer
}

/** The transformers that the fields of a kustomization ask for, in kustomize's order. */
export async function builtinSteps(
  file: Kustomization,
  config: TransformerConfig,
  loader: Loader,
  context: BuildContext,
): Promise<BuiltinStep[]> {
  const steps: BuiltinStep[] = []
  const add = (kind: string, transform: Transformer): void => {
    steps.push({ kind, transform })
  }
  if (file.patchesStrategicMerge?.length) {
    const transform = await configureStrategic(file.patchesStrategicMerge, '', loader, context)
    add('PatchStrategicMergeTransformer', transform)
  }
  for (const args of file.patches ?? []) {
    add('PatchTransformer', (await configurePatch(args, loader, context)).transform)
  }
  if (file.namespace) {
    add('NamespaceTransformer', namespaceTransformer({ namespace: file.namespace, fieldSpecs: config.namespace }))
  }
  if (file.namePrefix) add('PrefixTransformer', prefixTransformer(file.namePrefix, config.namePrefix))
  if (file.nameSuffix) add('SuffixTransformer', suffixTransformer(file.nameSuffix, config.nameSuffix))
  for (const label of file.labels ?? []) {
    let specs = label.fields ?? []
    if (label.includeSelectors === true) specs = mergeFieldSpecs(specs, config.commonLabels)
    else {
      if (label.includeTemplates === true) specs = mergeFieldSpecs(specs, config.templateLabels)
      specs = mergeFieldSpecs(specs, config.labels)
    }
    add('LabelTransformer', stringsTransformer(label.pairs ?? {}, specs))
  }
  if (file.commonLabels !== undefined && Object.keys(file.commonLabels).length > 0) {
    add('LabelTransformer', stringsTransformer(file.commonLabels, config.commonLabels))
  }
  if (file.commonAnnotations !== undefined && Object.keys(file.commonAnnotations).length > 0) {
    add('AnnotationsTransformer', stringsTransformer(file.commonAnnotations, config.commonAnnotations))
  }
  for (const args of file.patchesJson6902 ?? []) {
    const { transform } = await configureJson6902(args.target, args.path, args.patch, loader)
    add('PatchJson6902Transformer', transform)
  }
  for (const replica of file.replicas ?? [])
    add('ReplicaCountTransformer', replicaTransformer(replica, config.replicas))
  for (const image of file.images ?? []) add('ImageTagTransformer', imageTransformer(image, config.images))
  if (file.replacements?.length) {
    const replacements = await loadReplacements(file.replacements, loader)
    add('ReplacementTransformer', replacementTransformer(replacements))
  }
  return steps
}
