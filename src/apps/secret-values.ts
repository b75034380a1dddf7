import type { Clock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import type { FileTree } from '../base/file-tree.ts'
import { isObject } from '../base/json.ts'
import type { FileChange } from '../git/index.ts'
import { parseYaml, parseYamlStream, stringifyYaml } from '../kube/yaml/index.ts'
import { creationRuleIn, decryptFile, type Keys, noKeys, sealFile } from '../sops/index.ts'
import { setInDocument } from './edit-document.ts'
import { type AppsPlace, deploymentName, deploymentPaths } from './paths.ts'
import { at } from './release.ts'
import type { Values } from './types.ts'

/** Says which values are sealed, by their paths: Git shows what is set, and not what it is. */
const pathsAnnotation = 'apps.sluice.dev/secret-values'
const valuesKey = 'values.yaml'
/** Only the values: kustomize and the API server have to read the rest. */
const rules = { encryptedRegex: '^(data|stringData)$' }

export interface SecretValue {
  readonly path: readonly string[]
  readonly value: string
}

export interface SecretChange {
  readonly app: string
  readonly environment: string
  readonly set: readonly SecretValue[]
  /** Paths of values that are taken away. */
  readonly forget: readonly (readonly string[])[]
}

export interface SealWith {
  /** Keys of the cluster: open what is sealed there already. None when they cannot be read. */
  readonly keys: Keys | undefined
  /** For whom it is sealed where `.sops.yaml` says nothing: the keys of the cluster. */
  readonly recipients: readonly string[]
  readonly clock: Clock
}

/** Paths of the sealed values of an environment. */
export async function sealedPaths(
  tree: FileTree,
  place: AppsPlace,
  app: string,
  environment: string,
): Promise<readonly (readonly string[])[]> {
  const text = (await tree.read(deploymentPaths(place, app, environment).secrets))?.toString('utf8')
  if (text === undefined) return []
  const object = parseYamlStream(text)[0]?.value
  const written = at(object, 'metadata', 'annotations', pathsAnnotation)
  try {
    const paths: unknown = typeof written === 'string' ? JSON.parse(written) : []
    return Array.isArray(paths) ? paths.filter(isPath) : []
  } catch {
    return []
  }
}

/** Whom secrets of an environment are sealed for. @throws E_APP_SECRET_KEY, E_SOPS_… */
export async function recipientsFor(
  tree: FileTree,
  place: AppsPlace,
  app: string,
  environment: string,
  fallback: readonly string[],
): Promise<readonly string[]> {
  const { secrets } = deploymentPaths(place, app, environment)
  const text = (await tree.read('.sops.yaml'))?.toString('utf8')
  const rule = text === undefined ? undefined : creationRuleIn(text, '.sops.yaml', secrets)
  const recipients = rule !== undefined && rule.recipients.length > 0 ? rule.recipients : fallback
  if (recipients.length > 0) return recipients
  throw new SluiceError('E_APP_SECRET_KEY', {
    object: `secrets of ${app} in ${environment}`,
    expected: `a creation rule of .sops.yaml for ${secrets}, or the Secret sops-age in ${place.systemNamespace}`,
    seen: 'neither',
  })
}

/**
 * The sealed file of an environment with other values in it, and the files that make the cluster open it. `tree` has the
 * environment's own files. The values that stand in plain at these places are taken out of the override: they would win.
 *
 * @throws E_APP_SECRET_KEY when there is nobody to seal for, or what is sealed cannot be opened; E_SOPS_…
 */
export async function changeSecrets(
  tree: FileTree,
  place: AppsPlace,
  change: SecretChange,
  seal: SealWith,
): Promise<FileChange[]> {
  const { app, environment } = change
  const paths = deploymentPaths(place, app, environment)
  const recipients = await recipientsFor(tree, place, app, environment, seal.recipients)
  const known = await sealedPaths(tree, place, app, environment)
  const before = await tree.read(paths.secrets)
  let values = before === undefined ? {} : await opened(paths.secrets, before, seal.keys)
  for (const path of change.forget) values = without(values, path)
  for (const { path, value } of change.set) values = withValue(values, path, value)
  const isNamed = (list: readonly (readonly string[])[], path: readonly string[]) => list.some(one => same(one, path))
  const left = known.filter(path => !isNamed(change.forget, path))
  const added = change.set.map(({ path }) => path).filter(path => !isNamed(left, path))
  const named = [...left, ...added]
  if (named.length === 0) return before === undefined ? [] : [{ path: paths.secrets, content: undefined }]
  const plain = stringifyYaml({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `${deploymentName(app, environment)}-values`,
      namespace: place.systemNamespace,
      annotations: { [pathsAnnotation]: JSON.stringify(named) },
    },
    stringData: { [valuesKey]: stringifyYaml(values) },
  })
  const sealed = sealFile(Buffer.from(plain), 'yaml', { recipients, rules, clock: seal.clock })
  return [{ path: paths.secrets, content: sealed }]
}

/** Makes the files of an environment use its sealed values, or use them no more. */
export async function linkSecrets(
  tree: FileTree,
  place: AppsPlace,
  app: string,
  environment: string,
  has: boolean,
): Promise<FileChange[]> {
  const paths = deploymentPaths(place, app, environment)
  const files: FileChange[] = []
  const edit = async (path: string, field: readonly string[], value: (text: string) => unknown) => {
    const before = (await tree.read(path))?.toString('utf8')
    if (before === undefined) return
    const content = setInDocument(before, field, value(before))
    if (content !== before) files.push({ path, content })
  }
  const name = `${deploymentName(app, environment)}-values`
  await edit(paths.release, ['spec', 'valuesFrom'], () => (has ? [{ kind: 'Secret', name }] : undefined))
  await edit(paths.sync, ['spec', 'decryption'], () =>
    has ? { provider: 'sops', secretRef: { name: 'sops-age' } } : undefined,
  )
  await edit(paths.kustomization, ['resources'], text => {
    const listed = at(parseYamlStream(text)[0]?.value, 'resources')
    const others = (Array.isArray(listed) ? listed : []).filter(one => one !== 'secrets.yaml')
    return has ? [...others, 'secrets.yaml'] : others
  })
  return files
}

/** An override without plain values at the places of sealed ones: what stands inline wins over what is sealed. */
export function withoutSealed(base: Values, override: Values, paths: readonly (readonly string[])[]): Values {
  let out = override
  for (const path of paths) {
    const isIn = (values: unknown) =>
      path.reduce<unknown>((here, key) => (isObject(here) ? here[key] : undefined), values)
    const inBase = isIn(base)
    if (inBase !== undefined && inBase !== null) out = withValue(out, path, null)
    else if (isIn(out) !== undefined) out = without(out, path)
  }
  return out
}

/** Places of a chart's values that hold secrets, out of its schema: `*` stands for any key. */
export function secretPathsOf(schema: unknown): readonly (readonly string[])[] {
  const out: string[][] = []
  const walk = (node: unknown, path: readonly string[]): void => {
    if (!isObject(node) || path.length > 12 || out.length >= 200) return
    if (node['format'] === 'password' && path.length > 0) out.push([...path])
    if (isObject(node['properties']))
      for (const [key, child] of Object.entries(node['properties'])) walk(child, [...path, key])
    walk(node['additionalProperties'], [...path, '*'])
  }
  walk(schema, [])
  return out
}

/** Values that stand in plain where a schema wants a secret. */
export function plainSecretsIn(schema: unknown, values: Values): readonly (readonly string[])[] {
  const out: string[][] = []
  const walk = (here: unknown, rest: readonly string[], path: readonly string[]): void => {
    const [key, ...more] = rest
    if (key === undefined) {
      if (typeof here === 'string' && here !== '') out.push([...path])
      return
    }
    if (!isObject(here)) return
    for (const name of key === '*' ? Object.keys(here) : Object.hasOwn(here, key) ? [key] : [])
      walk(here[name], more, [...path, name])
  }
  for (const path of secretPathsOf(schema)) walk(values, path, [])
  return out
}

async function opened(path: string, bytes: Buffer, keys: Keys | undefined): Promise<Values> {
  if (keys === undefined || keys === noKeys) {
    throw new SluiceError('E_APP_SECRET_KEY', {
      object: path,
      expected: 'the key that opens it, because one value cannot be changed without the others',
      seen: 'no Secret sops-age that the server may read',
      next: 'Let the server read the Secret sops-age, or change the file with `sluice secret edit`.',
    })
  }
  const plain = parseYaml(await decryptFile(path, bytes, keys, 'yaml'))
  const text = at(plain, 'stringData', valuesKey)
  const values = typeof text === 'string' ? parseYaml(text) : {}
  return isObject(values) ? values : {}
}

function isPath(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every(one => typeof one === 'string')
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key, i) => key === other[i])
}

function withValue(values: Values, [key, ...rest]: readonly string[], value: unknown): Values {
  if (key === undefined) return values
  const inner = isObject(values[key]) ? (values[key] as Values) : {}
  return { ...values, [key]: rest.length === 0 ? value : withValue(inner, rest, value) }
}

function without(values: Values, [key, ...rest]: readonly string[]): Values {
  if (key === undefined || !Object.hasOwn(values, key)) return values
  const { [key]: inner, ...others } = values
  if (rest.length === 0) return others
  const left = isObject(inner) ? without(inner as Values, rest) : inner
  return isObject(left) && Object.keys(left).length === 0 ? others : { ...others, [key]: left }
}
