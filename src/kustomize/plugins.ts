import type { BuildContext } from './context.ts'
import { decode, type Shape, type Struct } from './decode.ts'
import { resourcesFrom } from './factory.ts'
import { Failure, wrapped } from './failure.ts'
import type { FieldSpec } from './fieldspec.ts'
import { generate } from './generators/generate.ts'
import { iamPolicyGenerator } from './generators/iam-policy.ts'
import type {
  GeneratorArgs,
  ImageArgs,
  PatchArgs,
  ReplacementArgs,
  ReplicaArgs,
  SelectorArgs,
  SortOptions,
} from './kustomization.ts'
import type { Loader } from './loader.ts'
import { printId } from './resid.ts'
import type { Resource } from './resource.ts'
import {
  fieldSpecShape,
  generatorShape,
  imageShape,
  replacementShape,
  replicaShape,
  selectorShape,
  sortOptionsShape,
} from './shapes.ts'
import type { Transformer } from './transformer.ts'
import { prefixTransformer, suffixTransformer } from './transformers/affix.ts'
import { hashTransformer } from './transformers/hash.ts'
import { imageTransformer } from './transformers/images.ts'
import { stringsTransformer } from './transformers/labels.ts'
import { namespaceTransformer, subjectsMode } from './transformers/namespace.ts'
import { patchTransformer, strategicTransformer } from './transformers/patch.ts'
import { json6902Transformer } from './transformers/patch-json6902.ts'
import { loadReplacements } from './transformers/replacement-files.ts'
import { replacementTransformer } from './transformers/replacements.ts'
import { replicaTransformer } from './transformers/replicas.ts'
import { sortOrderTransformer } from './transformers/sort-order.ts'
import { valueAddTransformer } from './transformers/value-add.ts'

/** A builtin plugin, configured by an object of its kind. */
export type Plugin = { readonly transform: Transformer } | { readonly generated: Resource[] }

const specs: Shape = { list: { ...fieldSpecShape, open: true } }
const strings: Shape = { map: 'text' }

const shape = (fields: Readonly<Record<string, Shape>>): Struct => ({ name: 'Plugin', open: true, fields })
const opened = (struct: Struct): Struct => ({ ...struct, open: true })

interface Metadata {
  metadata?: { name?: string; namespace?: string }
}
const metadata: Struct = { name: 'ObjectMeta', open: true, fields: { name: 'text', namespace: 'text' } }

type Configure<T> = (
  config: T & Metadata & { fieldSpecs?: FieldSpec[] },
  loader: Loader,
  context: BuildContext,
) => Promise<Plugin> | Plugin

interface PluginKind {
  readonly shape: Struct
  readonly configure: Configure<never>
}

function plugin<T>(fields: Readonly<Record<string, Shape>>, configure: Configure<T>): PluginKind {
  return { shape: shape({ metadata, fieldSpecs: specs, ...fields }), configure: configure as Configure<never> }
}

function needSpecs(list: FieldSpec[] | undefined): FieldSpec[] {
  if (list === undefined) throw new Failure('fieldSpecs is not expected to be nil')
  return list
}

const withText = async (loader: Loader, path: string | undefined, inline: string | undefined): Promise<string> =>
  path ? loader.text(path) : (inline ?? '')

const kinds: Readonly<Record<string, PluginKind>> = {
  NamespaceTransformer: plugin<{ unsetOnly?: boolean; setRoleBindingSubjects?: string }>(
    { unsetOnly: 'bool', setRoleBindingSubjects: 'string' },
    config => ({
      transform: namespaceTransformer({
        namespace: config.metadata?.namespace ?? '',
        fieldSpecs: config.fieldSpecs ?? [],
        unsetOnly: config.unsetOnly ?? false,
        subjects: subjectsMode(config.setRoleBindingSubjects),
      }),
    }),
  ),
  PrefixTransformer: plugin<{ prefix?: string }>({ prefix: 'text' }, config => ({
    transform: prefixTransformer(config.prefix ?? '', needSpecs(config.fieldSpecs)),
  })),
  SuffixTransformer: plugin<{ suffix?: string }>({ suffix: 'text' }, config => ({
    transform: suffixTransformer(config.suffix ?? '', needSpecs(config.fieldSpecs)),
  })),
  PrefixSuffixTransformer: plugin<{ prefix?: string; suffix?: string }>({ prefix: 'text', suffix: 'text' }, config => ({
    transform: map => {
      prefixTransformer(config.prefix ?? '', needSpecs(config.fieldSpecs))(map)
      suffixTransformer(config.suffix ?? '', needSpecs(config.fieldSpecs))(map)
    },
  })),
  LabelTransformer: plugin<{ labels?: Record<string, string> }>({ labels: strings }, config => ({
    transform: stringsTransformer(config.labels ?? {}, config.fieldSpecs ?? []),
  })),
  AnnotationsTransformer: plugin<{ annotations?: Record<string, string> }>({ annotations: strings }, config => ({
    transform: stringsTransformer(config.annotations ?? {}, config.fieldSpecs ?? []),
  })),
  ImageTagTransformer: plugin<{ imageTag?: ImageArgs }>(
    { imageTag: opened({ ...imageShape, fields: textFields(imageShape) }) },
    config => ({ transform: imageTransformer(config.imageTag ?? {}, config.fieldSpecs ?? []) }),
  ),
  ReplicaCountTransformer: plugin<{ replica?: ReplicaArgs }>({ replica: opened(replicaShape) }, config => ({
    transform: replicaTransformer(config.replica ?? {}, config.fieldSpecs ?? []),
  })),
  PatchTransformer: plugin<PatchArgs>(
    { path: 'string', patch: 'string', target: opened(selectorShape), options: { map: 'bool' } },
    (config, loader, context) => configurePatch(config, loader, context),
  ),
  PatchStrategicMergeTransformer: plugin<{ paths?: string[]; patches?: string }>(
    { paths: { list: 'string' }, patches: 'string' },
    async (config, loader, context) => ({
      transform: await configureStrategic(config.paths ?? [], config.patches ?? '', loader, context),
    }),
  ),
  PatchJson6902Transformer: plugin<{ target?: SelectorArgs; path?: string; jsonOp?: string }>(
    { target: opened(selectorShape), path: 'string', jsonOp: 'string' },
    (config, loader) => configureJson6902(config.target, config.path, config.jsonOp, loader),
  ),
  ReplacementTransformer: plugin<{ replacements?: ReplacementArgs[] }>(
    { replacements: { list: opened(replacementShape) } },
    async (config, loader) => ({
      transform: replacementTransformer(await loadReplacements(config.replacements ?? [], loader)),
    }),
  ),
  ValueAddTransformer: plugin<{ value?: string; targetFilePath?: string; targets?: ValueAddTarget[] }>(
    {
      value: 'text',
      targetFilePath: 'string',
      targets: {
        list: shape({
          selector: opened(selectorShape),
          notSelector: opened(selectorShape),
          fieldPath: 'string',
          filePathPosition: 'int',
        }),
      },
    },
    config => ({ transform: valueAddTransformer(config) }),
  ),
  SortOrderTransformer: plugin<{ sortOptions?: SortOptions }>({ sortOptions: opened(sortOptionsShape) }, config => ({
    transform: sortOrderTransformer(config.sortOptions),
  })),
  HashTransformer: plugin<object>({}, () => ({ transform: hashTransformer })),
  LegacyOrderTransformer: plugin<object>({}, () => ({ transform: sortOrderTransformer({ order: 'legacy' }) })),
  ConfigMapGenerator: plugin<GeneratorArgs>({ ...generatorShape.fields, name: 'string' }, async (config, loader) => ({
    generated: [await generate('ConfigMap', withMetadata(config), loader)],
  })),
  SecretGenerator: plugin<GeneratorArgs>({ ...generatorShape.fields }, async (config, loader) => ({
    generated: [await generate('Secret', withMetadata(config), loader)],
  })),
  IAMPolicyGenerator: plugin<IamArgs>(
    {
      cloud: 'text',
      kubernetesService: shape({ namespace: 'text', name: 'text' }),
      serviceAccount: shape({ name: 'text', projectId: 'text' }),
    },
    config => ({ generated: iamPolicyGenerator(config) }),
  ),
}

/** One field that a value is added to. */
export interface ValueAddTarget {
  selector?: SelectorArgs
  notSelector?: SelectorArgs
  fieldPath?: string
  filePathPosition?: number
}

/** The fields of an IAMPolicyGenerator. */
export interface IamArgs {
  cloud?: string
  kubernetesService?: { namespace?: string; name?: string }
  serviceAccount?: { name?: string; projectId?: string }
}

function textFields(struct: Struct): Record<string, Shape> {
  return Object.fromEntries(
    Object.entries(struct.fields).map(([name, field]) => [name, field === 'string' ? 'text' : field]),
  )
}

/** A generator has its name in a field of its own, or in the metadata. */
function withMetadata(config: GeneratorArgs & Metadata): GeneratorArgs {
  const name = config.name || config.metadata?.name
  const namespace = config.namespace || config.metadata?.namespace
  return { ...config, ...(name === undefined ? {} : { name }), ...(namespace === undefined ? {} : { namespace }) }
}

/** Configures one entry of `patches`. */
export async function configurePatch(
  args: PatchArgs,
  loader: Loader,
  context: BuildContext,
): Promise<Plugin & { transform: Transformer }> {
  const inline = (args.patch ?? '').trim()
  if (inline === '' && !args.path) throw new Failure('must specify one of patch and path in PatchTransformer')
  if (inline !== '' && args.path) throw new Failure("patch and path can't be set at the same time in PatchTransformer")
  const text = await withText(loader, args.path, inline)
  const source = args.path ? `[path: "${args.path}"]` : `[patch: ${shown(text)}]`
  return { transform: patchTransformer(args, { text, source }, context) }
}

/** A patch for messages; not shown where it could hold a Secret's data. */
function shown(text: string): string {
  return /secret/i.test(text) ? '…' : `"${text.replaceAll('\n', '\\n')}"`
}

/** Configures `patchesStrategicMerge`: each entry is a path, or the patch itself. */
export async function configureStrategic(
  paths: readonly string[],
  inline: string,
  loader: Loader,
  context: BuildContext,
): Promise<Transformer> {
  if (paths.length === 0 && inline === '') throw new Failure('empty file path and empty patch content')
  const patches: Resource[] = []
  for (const path of paths) {
    try {
      patches.push(...resourcesFrom(path))
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      const text = await loader.text(path)
      try {
        patches.push(...resourcesFrom(text))
      } catch (inner) {
        throw inner instanceof Failure ? new Failure(`${inner.message} in File: ${path}`, inner.code) : inner
      }
    }
  }
  if (inline !== '') patches.push(...resourcesFrom(inline))
  if (patches.length === 0) throw new Failure(`patch appears to be empty; files=[${paths.join(' ')}], Patch=${inline}`)
  return strategicTransformer(patches, context)
}

/** Configures one entry of `patchesJson6902`. */
export async function configureJson6902(
  target: SelectorArgs | undefined,
  path: string | undefined,
  inline: string | undefined,
  loader: Loader,
): Promise<{ transform: Transformer }> {
  if (!target?.name) throw new Failure('must specify the target name')
  if (!path && !inline) throw new Failure('empty file path and empty jsonOp')
  if (path && inline) throw new Failure('must specify a file path or jsonOp, not both')
  const text = path ? await loader.text(path) : inline!
  if (text === '') throw new Failure(`patch file '${path}' empty seems to be empty`)
  return { transform: json6902Transformer(target, text, path ?? '') }
}

/** Makes a plugin from an object. @throws Failure when the kind is not builtin, or the configuration is wrong */
export async function loadPlugin(resource: Resource, loader: Loader, context: BuildContext): Promise<Plugin> {
  if (resource.apiVersion !== 'builtin') {
    throw new Failure(
      `external plugins disabled; unable to load external plugin '${resource.kind}'`,
      'E_KUSTOMIZE_UNSUPPORTED',
    )
  }
  const kind = Object.hasOwn(kinds, resource.kind) ? kinds[resource.kind] : undefined
  if (kind === undefined) throw new Failure(`unable to load builtin ${printId(resource.originalId)}`)
  try {
    const config = decode(resource.node, kind.shape, { printed: true }) as never
    return await kind.configure(config, loader, context)
  } catch (error) {
    throw wrapped(error, `plugin ${printId(resource.originalId)} fails configuration`)
  }
}
