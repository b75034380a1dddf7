import { SluiceError } from '../../base/errors/index.ts'
import type { FileTree } from '../../base/file-tree.ts'
import { isObject } from '../../base/json.ts'
import type { KubeObject } from '../../kube/object.ts'
import { encryptedFormat, isSealed } from '../../sops/index.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import type { Decryption } from '../decrypt/decryption.ts'
import { messageOf } from '../failure.ts'
import { buildObjects } from '../kustomization/build.ts'
import { checkPath } from '../kustomization/path.ts'
import { compareForApply } from '../kustomization/stages.ts'
import { collectVariables, type ReadVariables } from '../kustomization/variables.ts'

/** What stands for a value that SOPS has sealed, as `flux build` prints it. */
const sealedMask = '**SOPS**'
const mask = '***'

export interface BuildKustomizationInput {
  /** The files; nothing outside is read. */
  readonly tree: FileTree
  /** The folder to build, in the place of `spec.path`. */
  readonly folder: string
  readonly kustomization: Kustomization
  /** Reads a ConfigMap or Secret with variables; undefined when there is none. */
  readonly read: ReadVariables
  /** Show the values of plain Secrets; sealed ones are never opened. */
  readonly showSecrets?: boolean
}

/**
 * The objects that a Kustomization would apply, in order of application: build, names and patches of its spec, variables,
 * owner labels. Nothing is asked of a cluster but variables. Fails with E_ENGINE_BUILD.
 */
export async function buildKustomization(input: BuildKustomizationInput): Promise<KubeObject[]> {
  const { tree, folder, kustomization, read } = input
  const { namespace = '', name = '' } = kustomization.metadata
  try {
    await checkPath(tree, folder, folder)
    const variables = await collectVariables(kustomization, read)
    const objects = await buildObjects(tree, folder, kustomization, variables, masking)
    return objects.sort(compareForApply).map(object => (input.showSecrets === true ? object : masked(object)))
  } catch (error) {
    throw new SluiceError('E_ENGINE_BUILD', {
      object: `Kustomization/${namespace}/${name}`,
      seen: messageOf(error),
      cause: error,
    })
  }
}

/** Puts a mask in the place of everything that is sealed: no key is needed to look at a build. */
const masking: Decryption = {
  digest: '',
  tree: async tree => tree,
  object: async object => {
    const { sops, ...rest } = object
    const open = sops === undefined ? object : (withoutSealed(rest) as KubeObject)
    return isSecret(open)
      ? { ...open, ...(isObject(open['data']) ? { data: withoutDocuments(open['data']) } : {}) }
      : open
  },
}

function withoutSealed(value: unknown, inData = false): unknown {
  if (isSealed(value)) return inData ? Buffer.from(sealedMask).toString('base64') : sealedMask
  if (Array.isArray(value)) return value.map(item => withoutSealed(item))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutSealed(item, inData || key === 'data')]),
  )
}

/** Values that are sealed documents, as generators make them. */
function withoutDocuments(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => {
      const sealed = typeof value === 'string' && encryptedFormat(Buffer.from(value, 'base64')) !== undefined
      return [key, sealed ? Buffer.from(sealedMask).toString('base64') : value]
    }),
  )
}

function isSecret(object: KubeObject): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1'
}

function masked(object: KubeObject): KubeObject {
  if (!isSecret(object) || !isObject(object['data'])) return object
  const sealed = Buffer.from(sealedMask).toString('base64')
  const data = Object.fromEntries(
    Object.entries(object['data']).map(([key, value]) => [key, value === sealed ? sealedMask : mask]),
  )
  return { ...object, data }
}
