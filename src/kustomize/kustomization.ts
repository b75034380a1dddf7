import { Failure } from './failure.ts'
import type { FieldSpec } from './fieldspec.ts'
import { decodeText, kustomizationShape } from './shapes.ts'

/** A kustomization file, with the fields and names of kustomize's `types.Kustomization`. */
export interface Kustomization {
  apiVersion?: string
  kind?: string
  metadata?: Record<string, unknown>
  openapi?: Record<string, string>
  namePrefix?: string
  nameSuffix?: string
  namespace?: string
  commonLabels?: Record<string, string>
  labels?: LabelArgs[]
  commonAnnotations?: Record<string, string>
  patchesStrategicMerge?: string[]
  patchesJson6902?: PatchArgs[]
  patches?: PatchArgs[]
  images?: ImageArgs[]
  imageTags?: ImageArgs[]
  replacements?: ReplacementArgs[]
  replicas?: ReplicaArgs[]
  vars?: VarArgs[]
  sortOptions?: SortOptions
  resources?: string[]
  components?: string[]
  crds?: string[]
  bases?: string[]
  configMapGenerator?: GeneratorArgs[]
  secretGenerator?: GeneratorArgs[]
  helmGlobals?: unknown
  helmCharts?: unknown[]
  helmChartInflationGenerator?: unknown[]
  generatorOptions?: GeneratorOptions
  configurations?: string[]
  generators?: string[]
  transformers?: string[]
  validators?: string[]
  buildMetadata?: string[]
}

/** One entry of `labels`. */
export interface LabelArgs {
  pairs?: Record<string, string>
  includeSelectors?: boolean
  includeTemplates?: boolean
  fields?: FieldSpec[]
}

/** Which objects something applies to; group, version, kind, name and namespace are regular expressions. */
export interface SelectorArgs {
  group?: string
  version?: string
  kind?: string
  name?: string
  namespace?: string
  labelSelector?: string
  annotationSelector?: string
}

/** One entry of `patches` or `patchesJson6902`. */
export interface PatchArgs {
  path?: string
  patch?: string
  target?: SelectorArgs
  options?: Record<string, boolean>
}

/** One entry of `images`. */
export interface ImageArgs {
  name?: string
  newName?: string
  tagSuffix?: string
  newTag?: string
  digest?: string
}

/** One entry of `replicas`. */
export interface ReplicaArgs {
  name?: string
  count?: number
}

/** One entry of `replacements`: inline, or a file of them. */
export interface ReplacementArgs {
  path?: string
  source?: SourceSelector
  sourceValue?: string
  targets?: TargetSelector[]
}

export interface SourceSelector extends SelectorArgs {
  fieldPath?: string
  options?: FieldOptions
}

export interface TargetSelector {
  select?: SelectorArgs
  reject?: SelectorArgs[]
  fieldPaths?: string[]
  options?: FieldOptions
}

/** How a replacement cuts the value. */
export interface FieldOptions {
  delimiter?: string
  index?: number
  encoding?: string
  create?: boolean
}

/** One entry of `vars`. */
export interface VarArgs {
  name: string
  objref: { apiVersion?: string; group?: string; version?: string; kind?: string; name?: string; namespace?: string }
  fieldref?: { fieldPath?: string }
}

export interface SortOptions {
  order?: string
  legacySortOptions?: { orderFirst?: string[]; orderLast?: string[] }
}

/** One entry of `configMapGenerator` or `secretGenerator`. */
export interface GeneratorArgs {
  name?: string
  namespace?: string
  behavior?: string
  type?: string
  files?: string[]
  literals?: string[]
  envs?: string[]
  env?: string
  options?: GeneratorOptions
}

export interface GeneratorOptions {
  labels?: Record<string, string>
  annotations?: Record<string, string>
  disableNameSuffixHash?: boolean
  immutable?: boolean
}

/** Reads a kustomization file and moves deprecated fields to where they belong now. */
export function parseKustomization(source: string, root: string, allowEmpty = false): Kustomization {
  let decoded: Kustomization
  try {
    decoded = decodeText(source, kustomizationShape) as Kustomization
  } catch (error) {
    if (error instanceof Failure) throw new Failure(`invalid Kustomization: ${error.message}`, error.code)
    throw error
  }
  return fixKustomization(decoded, root, allowEmpty)
}

/** Applies kustomize's defaults and checks to a decoded file. */
export function fixKustomization(read: Kustomization, root: string, allowEmpty = false): Kustomization {
  const { bases, imageTags, ...rest } = read
  const fixed: Kustomization = { ...rest }
  const empty = Object.keys(read).every(field => field === 'apiVersion' || field === 'kind')
  if (empty && !allowEmpty) throw new Failure('kustomization.yaml is empty', 'E_KUSTOMIZE_FILE')
  if (bases !== undefined) fixed.resources = [...(read.resources ?? []), ...bases]
  if (imageTags !== undefined) fixed.images = [...(read.images ?? []), ...imageTags]
  if (fixed.configMapGenerator !== undefined) fixed.configMapGenerator = fixed.configMapGenerator.map(mergeEnv)
  if (fixed.secretGenerator !== undefined) fixed.secretGenerator = fixed.secretGenerator.map(mergeEnv)
  fixed.kind = read.kind || 'Kustomization'
  const version = fixed.kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1'
  fixed.apiVersion = read.apiVersion || version
  const problems: string[] = []
  if (fixed.kind !== 'Kustomization' && fixed.kind !== 'Component')
    problems.push('kind should be Kustomization or Component')
  if (fixed.apiVersion !== version) problems.push(`apiVersion for ${fixed.kind} should be ${version}`)
  if (problems.length > 0) {
    throw new Failure(`Failed to read kustomization file under /${root}:\n${problems.join('\n')}`, 'E_KUSTOMIZE_FILE')
  }
  if (fixed.helmCharts?.length || fixed.helmChartInflationGenerator?.length) {
    throw new Failure('helmCharts need the program helm; they are not rendered here', 'E_KUSTOMIZE_UNSUPPORTED')
  }
  return fixed
}

/** The deprecated `env` (one file) joins `envs`. */
function mergeEnv(args: GeneratorArgs): GeneratorArgs {
  const { env, ...rest } = args
  return env ? { ...rest, envs: [...(args.envs ?? []), env] } : rest
}
