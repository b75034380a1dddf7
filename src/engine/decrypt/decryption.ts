import type { FileTree } from '../../base/file-tree.ts'
import { isObject } from '../../base/json.ts'
import { formatRef, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import {
  decryptFile,
  decryptObject,
  encryptedFormat,
  formatOf,
  type Keys,
  looksEncrypted,
  noKeys,
} from '../../sops/index.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { decryptKey } from '../contract.ts'
import { messageOf, StepFailure } from '../failure.ts'
import type { ReadVariables } from '../kustomization/variables.ts'
import { digestOf } from '../live/fingerprint.ts'
import { keysOf } from './keys.ts'
import { namedFiles } from './named-files.ts'

/** Opens what a build reads and what it gives. */
export interface Decryption {
  /** Equal for equal keys; it tells nothing about them. */
  readonly digest: string
  /** The tree with the files in plain that generators and patches name. */
  tree(tree: FileTree, folder: string, components: readonly string[]): Promise<FileTree>
  /** An object of the build in plain. */
  object(object: KubeObject): Promise<KubeObject>
}

/** No `spec.decryption`: everything stays as it is. */
export const noDecryption: Decryption = {
  digest: '',
  tree: async tree => tree,
  object: async object => object,
}

/** What `spec.decryption` asks for, with its keys read afresh. A StepFailure says what it lacks or what is not built in. */
export async function decryptionOf({ spec }: Kustomization, read: ReadVariables): Promise<Decryption> {
  const { decryption } = spec
  if (decryption === undefined) return noDecryption
  if (decryption.provider !== 'sops') return noDecryption
  const name = decryption.secretRef?.name
  if (name === undefined) return decrypting(noKeys, '')
  const secret = await read('Secret', name)
  if (secret === undefined)
    throw new StepFailure('BuildFailed', `secrets "${name}" not found (spec.decryption.secretRef)`)
  return decrypting(keysOf(secret), digestOf(secret['data'] ?? {}))
}

/** Decrypts with these keys. */
export function decrypting(keys: Keys, digest: string): Decryption {
  return {
    digest: `sops ${digest}`,
    tree: async (tree, folder, components) => openTree(tree, keys, await namedFiles(tree, folder, components)),
    object: object => openOne(object, keys),
  }
}

function openTree(tree: FileTree, keys: Keys, files: Awaited<ReturnType<typeof namedFiles>>): FileTree {
  return {
    entry: path => tree.entry(path),
    list: path => tree.list(path),
    async read(path) {
      const bytes = await tree.read(path)
      const format = files.get(path)
      if (bytes === undefined || format === undefined || !looksEncrypted(bytes, format)) return bytes
      return failing(() => decryptFile(path, bytes, keys, format))
    },
  }
}

async function openOne(object: KubeObject, keys: Keys): Promise<KubeObject> {
  // An annotation only: labels do not count here.
  if (object.metadata.annotations?.[decryptKey] === 'disabled') return object
  const sops = object['sops']
  if (isObject(sops) && sops['mac']) return failing(() => decryptObject(formatRef(refOf(object)), object, keys))
  if (object.kind !== 'Secret' || !isObject(object['data'])) return object
  const data: Record<string, unknown> = { ...object['data'] }
  for (const [key, value] of Object.entries(data)) {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : undefined
    const found = bytes === undefined ? undefined : encryptedFormat(bytes)
    if (bytes === undefined || found === undefined) continue
    // A sealed file of any content is JSON around it; what it was is told by the key.
    const format = found === 'json' && formatOf(key) !== 'json' ? 'binary' : found
    const plain = await failing(() => decryptFile(`${formatRef(refOf(object))} data.${key}`, bytes, keys, format))
    data[key] = plain.toString('base64')
  }
  return { ...object, data }
}

async function failing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new StepFailure('BuildFailed', messageOf(error), { cause: error })
  }
}
