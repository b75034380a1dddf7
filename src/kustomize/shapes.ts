import { decode, type Shape, type Struct } from './decode.ts'
import { Failure } from './failure.ts'
import { Mapping, type YamlNode } from './yaml/node.ts'
import { parseDocuments, YamlSyntaxError } from './yaml/parse.ts'

// The shapes of the types in kustomization.ts: which fields a file may have, and of what type.

const strings: Shape = { list: 'string' }
const stringMap: Shape = { map: 'string' }

export const selectorShape: Struct = {
  name: 'Selector',
  fields: {
    group: 'string',
    version: 'string',
    kind: 'string',
    name: 'string',
    namespace: 'string',
    labelSelector: 'string',
    annotationSelector: 'string',
  },
}

export const fieldSpecShape: Struct = {
  name: 'FieldSpec',
  fields: { group: 'string', version: 'string', kind: 'string', path: 'string', create: 'bool' },
}

export const patchShape: Struct = {
  name: 'Patch',
  fields: { path: 'string', patch: 'string', target: selectorShape, options: { map: 'bool' } },
}

export const imageShape: Struct = {
  name: 'Image',
  fields: { name: 'string', newName: 'string', tagSuffix: 'string', newTag: 'string', digest: 'string' },
}

export const replicaShape: Struct = { name: 'Replica', fields: { name: 'string', count: 'int' } }

const fieldOptionsShape: Struct = {
  name: 'FieldOptions',
  fields: { delimiter: 'string', index: 'int', encoding: 'string', create: 'bool' },
}

export const replacementShape: Struct = {
  name: 'Replacement',
  fields: {
    path: 'string',
    source: {
      ...selectorShape,
      name: 'SourceSelector',
      fields: { ...selectorShape.fields, fieldPath: 'string', options: fieldOptionsShape },
    },
    sourceValue: 'string',
    targets: {
      list: {
        name: 'TargetSelector',
        fields: {
          select: selectorShape,
          reject: { list: selectorShape },
          fieldPaths: strings,
          options: fieldOptionsShape,
        },
      },
    },
  },
}

export const generatorOptionsShape: Struct = {
  name: 'GeneratorOptions',
  fields: { labels: stringMap, annotations: stringMap, disableNameSuffixHash: 'bool', immutable: 'bool' },
}

export const generatorShape: Struct = {
  name: 'GeneratorArgs',
  fields: {
    name: 'string',
    namespace: 'string',
    behavior: 'string',
    type: 'string',
    files: strings,
    literals: strings,
    envs: strings,
    env: 'string',
    options: generatorOptionsShape,
  },
}

export const sortOptionsShape: Struct = {
  name: 'SortOptions',
  fields: {
    order: 'string',
    legacySortOptions: { name: 'LegacySortOptions', fields: { orderFirst: strings, orderLast: strings } },
  },
}

export const labelShape: Struct = {
  name: 'Label',
  fields: { pairs: stringMap, includeSelectors: 'bool', includeTemplates: 'bool', fields: { list: fieldSpecShape } },
}

const varShape: Struct = {
  name: 'Var',
  fields: {
    name: 'string',
    objref: {
      name: 'Target',
      fields: {
        apiVersion: 'string',
        group: 'string',
        version: 'string',
        kind: 'string',
        name: 'string',
        namespace: 'string',
      },
    },
    fieldref: { name: 'FieldSelector', fields: { fieldPath: 'string' } },
  },
}

const { type: _type, ...configMapFields } = generatorShape.fields

export const kustomizationShape: Struct = {
  name: 'Kustomization',
  fields: {
    apiVersion: 'string',
    kind: 'string',
    metadata: {
      name: 'ObjectMeta',
      fields: { name: 'string', namespace: 'string', labels: stringMap, annotations: stringMap },
    },
    openapi: stringMap,
    namePrefix: 'string',
    nameSuffix: 'string',
    namespace: 'string',
    commonLabels: stringMap,
    labels: { list: labelShape },
    commonAnnotations: stringMap,
    patchesStrategicMerge: strings,
    patchesJson6902: { list: patchShape },
    patches: { list: patchShape },
    images: { list: imageShape },
    imageTags: { list: imageShape },
    replacements: { list: replacementShape },
    replicas: { list: replicaShape },
    vars: { list: varShape },
    sortOptions: sortOptionsShape,
    resources: strings,
    components: strings,
    crds: strings,
    bases: strings,
    configMapGenerator: { list: { ...generatorShape, name: 'ConfigMapArgs', fields: configMapFields } },
    secretGenerator: { list: { ...generatorShape, name: 'SecretArgs' } },
    helmGlobals: 'any',
    helmCharts: { list: 'any' },
    helmChartInflationGenerator: { list: 'any' },
    generatorOptions: generatorOptionsShape,
    configurations: strings,
    generators: strings,
    transformers: strings,
    validators: strings,
    buildMetadata: strings,
  },
}

/** Decodes one YAML document by a shape; unknown fields are errors unless the shape is open. */
export function decodeText(source: string, shape: Struct): unknown {
  let nodes: YamlNode[]
  try {
    nodes = parseDocuments(source)
  } catch (error) {
    if (error instanceof YamlSyntaxError) throw new Failure(error.message, 'E_KUSTOMIZE_YAML')
    throw error
  }
  return decode(nodes[0] ?? new Mapping(), shape)
}
