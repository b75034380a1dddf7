import { isUtf8 } from 'node:buffer'
import { Failure } from '../failure.ts'
import type { GeneratorArgs, GeneratorOptions } from '../kustomization.ts'
import type { Loader } from '../loader.ts'
import { type Behavior, Resource } from '../resource.ts'
import { Mapping, Scalar, text } from '../yaml/node.ts'
import { untagged } from '../yaml/scalars.ts'
import { loadPairs } from './kv.ts'

/** Makes the object of one entry of `configMapGenerator` or `secretGenerator`. */
export async function generate(
  kind: 'ConfigMap' | 'Secret',
  args: GeneratorArgs,
  loader: Loader,
  global?: GeneratorOptions,
): Promise<Resource> {
  const options = mergeOptions(args.options, global)
  if (!args.name) throw new Failure('a configmap must have a name')
  const metadata = new Mapping(new Map([['name', untagged(args.name)]]))
  if (args.namespace) metadata.set('namespace', untagged(args.namespace))
  const node = new Mapping(
    new Map([
      ['apiVersion', text('v1')],
      ['kind', text(kind)],
    ]),
  )
  node.set('metadata', metadata)
  if (kind === 'Secret') {
    node.set('type', text(args.type || 'Opaque'))
    node.set('data', new Mapping())
  }
  for (const [key, value] of await loadPairs(loader, args)) {
    if (kind === 'Secret') put(node, 'data', key, base64(value))
    else if (isUtf8(value)) put(node, 'data', key, value.toString('utf8'))
    else put(node, 'binaryData', key, base64(value))
  }
  setStrings(metadata, 'labels', options?.labels)
  setStrings(metadata, 'annotations', options?.annotations)
  if (options?.immutable === true) node.set('immutable', new Scalar('true', 'bool', true))
  const resource = new Resource(node)
  resource.needsHash = options?.disableNameSuffixHash !== true
  resource.behavior = behaviors.has(args.behavior ?? '') ? (args.behavior as Behavior) : 'unspecified'
  return resource
}

const behaviors = new Set(['create', 'replace', 'merge'])

function put(node: Mapping, field: string, key: string, value: string): void {
  const data = node.get(field)
  if (data instanceof Mapping) data.set(key, text(value))
  else node.set(field, new Mapping(new Map([[key, text(value)]])))
}

function setStrings(metadata: Mapping, field: string, values: Readonly<Record<string, string>> | undefined): void {
  if (values === undefined || Object.keys(values).length === 0) return
  metadata.set(field, new Mapping(new Map(Object.entries(values).map(([key, value]) => [key, text(value)]))))
}

/** Base64 in lines of 70 letters, each ended; text that fits one line has no line end. */
function base64(value: Buffer): string {
  const encoded = value.toString('base64')
  return encoded.length < 70 ? encoded : encoded.replace(/.{1,70}/g, '$&\n')
}

/** Options of an entry with those of `generatorOptions` behind them; a switch is on when either is. */
export function mergeOptions(local?: GeneratorOptions, global?: GeneratorOptions): GeneratorOptions | undefined {
  if (local === undefined || global === undefined) return local ?? global
  return {
    labels: { ...global.labels, ...local.labels },
    annotations: { ...global.annotations, ...local.annotations },
    disableNameSuffixHash: local.disableNameSuffixHash === true || global.disableNameSuffixHash === true,
    immutable: local.immutable === true || global.immutable === true,
  }
}
