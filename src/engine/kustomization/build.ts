import type { FileTree } from '../../base/file-tree.ts'
import { formatRef, gvkOf, refOf } from '../../kube/identity.ts'
import type { KubeObject } from '../../kube/object.ts'
import { build, type Overrides } from '../../kustomize/index.ts'
import type { Kustomization } from '../../specs/flux/kustomization.ts'
import { BoundedTree } from '../build/bounded-tree.ts'
import { type Decryption, noDecryption } from '../decrypt/decryption.ts'
import { messageOf, StepFailure } from '../failure.ts'
import { normalised, refuseEncrypted } from './normalise.ts'
import { type Owner, withOwner } from './owner.ts'
import { pathInSource } from './path.ts'
import { substitute } from './substitute.ts'
import type { Variables } from './variables.ts'

/** The objects of a Kustomization, ready to be applied. */
export async function buildObjects(
  tree: FileTree,
  folder: string,
  { spec, metadata }: Kustomization,
  variables: Variables,
  decryption: Decryption = noDecryption,
): Promise<KubeObject[]> {
  const built = await runBuild(await decryption.tree(tree, folder, spec.components ?? []), folder, spec)
  const owner: Owner = { namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
  const objects: KubeObject[] = []
  for (const object of built) {
    if (!object.apiVersion || !object.kind || !object.metadata?.name) {
      throw new StepFailure(
        'BuildFailed',
        `failed to decode Kubernetes YAML: ${formatRef({ ...gvkOf(object), name: object.metadata?.name ?? '' })}: apiVersion, kind and metadata.name are required`,
      )
    }
    const plain = await decryption.object(object)
    const replaced = variables.active ? substitute(plain, variables.values) : plain
    refuseEncrypted(replaced)
    objects.push(withOwner(normalised(replaced), owner, spec.commonMetadata))
  }
  refuseTwins(objects)
  return objects
}

async function runBuild(tree: FileTree, folder: string, spec: Kustomization['spec']): Promise<readonly KubeObject[]> {
  try {
    const overrides = await overridesOf(tree, folder, spec)
    const result = await build(new BoundedTree(tree), folder, { loadRestrictor: 'none', generate: true, overrides })
    return result.objects
  } catch (error) {
    throw new StepFailure('BuildFailed', `kustomize build failed: ${messageOf(error)}`, { cause: error })
  }
}

/** The fields of the spec that Flux merges into kustomization.yaml. */
async function overridesOf(tree: FileTree, folder: string, spec: Kustomization['spec']): Promise<Overrides> {
  const { targetNamespace, namePrefix, nameSuffix, patches, images, buildMetadata } = spec
  const components: string[] = []
  for (const component of spec.components ?? []) {
    const there =
      !spec.ignoreMissingComponents || (await tree.entry(pathInSource(`${folder}/${component}`))) !== undefined
    if (there) components.push(component)
  }
  const given = { targetNamespace, namePrefix, nameSuffix, patches, images, components, buildMetadata }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Overrides
}

/** Two objects of one identity would undo each other at every reconcile. */
function refuseTwins(objects: readonly KubeObject[]): void {
  const seen = new Set<string>()
  for (const object of objects) {
    const ref = refOf(object)
    const key = `${ref.group}/${ref.kind}/${ref.namespace}/${ref.name}`
    if (seen.has(key)) throw new StepFailure('BuildFailed', `${formatRef(ref)} is in the build twice`)
    seen.add(key)
  }
}
