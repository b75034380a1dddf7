import type { Shape, Struct } from './decode.ts'
import { Failure, wrapped } from './failure.ts'
import { type FieldSpec, mergeFieldSpecs } from './fieldspec.ts'
import type { GvkSelector } from './resid.ts'
import { decodeText, fieldSpecShape } from './shapes.ts'

/** Objects of one kind, and the fields of other objects that hold their names. */
export interface NameReference extends GvkSelector {
  readonly fieldSpecs: readonly FieldSpec[]
}

/** Which fields the transformers touch: kustomize's defaults and what `configurations` and `crds` add. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[]
  readonly nameSuffix: readonly FieldSpec[]
  readonly namespace: readonly FieldSpec[]
  readonly commonLabels: readonly FieldSpec[]
  readonly labels: readonly FieldSpec[]
  readonly templateLabels: readonly FieldSpec[]
  readonly commonAnnotations: readonly FieldSpec[]
  readonly nameReference: readonly NameReference[]
  readonly varReference: readonly FieldSpec[]
  readonly images: readonly FieldSpec[]
  readonly replicas: readonly FieldSpec[]
}

/** No specs at all. */
export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  commonAnnotations: [],
  nameReference: [],
  varReference: [],
  images: [],
  replicas: [],
}

/** Both configurations in one. @throws Failure when two specs of a field differ in `create`. */
export function mergeConfigs(own: TransformerConfig, incoming: TransformerConfig): TransformerConfig {
  // Merging into nothing is no copy: a spec is dropped behind a more special one of its path.
  if (incoming === emptyConfig || own === incoming) return own
  const specs = (key: Exclude<keyof TransformerConfig, 'nameReference'>): FieldSpec[] => {
    try {
      return sorted(mergeFieldSpecs(own[key], incoming[key]))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      throw new Failure(`failed to merge ${key[0]!.toUpperCase()}${key.slice(1)} fieldSpec: ${error.message}`)
    }
  }
  return {
    namePrefix: specs('namePrefix'),
    nameSuffix: specs('nameSuffix'),
    namespace: specs('namespace'),
    commonLabels: specs('commonLabels'),
    labels: specs('labels'),
    templateLabels: specs('templateLabels'),
    commonAnnotations: specs('commonAnnotations'),
    nameReference: sorted(mergeNameReferences(own.nameReference, incoming.nameReference)),
    varReference: specs('varReference'),
    images: specs('images'),
    replicas: specs('replicas'),
  }
}

function mergeNameReferences(own: readonly NameReference[], incoming: readonly NameReference[]): NameReference[] {
  const result = [...own]
  for (const reference of incoming) {
    const at = result.findIndex(
      other =>
        (other.group ?? '') === (reference.group ?? '') &&
        (other.version ?? '') === (reference.version ?? '') &&
        (other.kind ?? '') === (reference.kind ?? ''),
    )
    if (at < 0) result.push(reference)
    else result[at] = { ...result[at]!, fieldSpecs: mergeFieldSpecs(result[at]!.fieldSpecs, reference.fieldSpecs) }
  }
  return result
}

const firstKinds =
  'Namespace ResourceQuota StorageClass CustomResourceDefinition ServiceAccount PodSecurityPolicy Role ClusterRole RoleBinding ClusterRoleBinding ConfigMap Secret Endpoints Service LimitRange PriorityClass PersistentVolume PersistentVolumeClaim Deployment StatefulSet CronJob PodDisruptionBudget'.split(
    ' ',
  )
const rank = new Map<string, number>([
  ...firstKinds.map((kind, i) => [kind, i - firstKinds.length] as const),
  ['MutatingWebhookConfiguration', 1],
  ['ValidatingWebhookConfiguration', 2],
])

/** kustomize orders the specs by kind; it decides which of two references to one field is followed first. */
function sorted<T extends GvkSelector>(specs: readonly T[]): T[] {
  return specs
    .map(spec => ({
      spec,
      rank: rank.get(spec.kind ?? '') ?? 0,
      text: `${spec.group || '~G'}_${spec.version || '~V'}_${spec.kind || '~K'}`,
    }))
    .sort((a, b) => a.rank - b.rank || (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(entry => entry.spec)
}

const specList: Shape = { list: fieldSpecShape }

const configShape: Struct = {
  name: 'TransformerConfig',
  fields: {
    namePrefix: specList,
    nameSuffix: specList,
    namespace: specList,
    commonLabels: specList,
    labels: specList,
    templateLabels: specList,
    commonAnnotations: specList,
    nameReference: {
      list: {
        name: 'NameBackReferences',
        fields: { group: 'string', version: 'string', kind: 'string', fieldSpecs: specList },
      },
    },
    varReference: specList,
    images: specList,
    replicas: specList,
  },
}

/** Reads a file of `configurations`. */
export function parseConfig(source: string): TransformerConfig {
  let config: Partial<TransformerConfig>
  try {
    config = decodeText(source, configShape) as Partial<TransformerConfig>
  } catch (error) {
    throw wrapped(error, 'error unmarshaling JSON: while decoding JSON')
  }
  const nameReference = (config.nameReference ?? []).map(reference => ({
    ...reference,
    fieldSpecs: reference.fieldSpecs ?? [],
  }))
  return { ...emptyConfig, ...config, nameReference }
}
