import { asSluiceError, SluiceError } from '../base/errors/index.ts'
import { isObject, valueAt } from '../base/json.ts'
import { formatRef, gvkOf, parseApiVersion, refKey, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { parseObjects } from '../kube/yaml/index.ts'
import { fluxComponents } from './options.ts'

/** The manifests of one version of Flux, checked. */
export interface FluxManifests {
  /** `gotk-components.yaml`. */
  readonly text: string
  /** What the label `app.kubernetes.io/version` says. */
  readonly version: string
  readonly namespace: string
  /** In Flux's own order. */
  readonly components: readonly string[]
  readonly objects: readonly KubeObject[]
}

/** Bytes of the manifests at most; those of all components of Flux 2.9 are below 1 MiB. */
export const maxManifestBytes = 8 * 1024 * 1024
const maxObjects = 500

/** Kinds that `flux install` makes; anything else does not belong there. */
const kinds = new Set([
  '/Namespace',
  '/ServiceAccount',
  '/Service',
  '/ResourceQuota',
  'apps/Deployment',
  'networking.k8s.io/NetworkPolicy',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'rbac.authorization.k8s.io/Role',
  'rbac.authorization.k8s.io/RoleBinding',
  'apiextensions.k8s.io/CustomResourceDefinition',
])

/** Kinds without a namespace among them. */
const clusterKinds = new Set(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'CustomResourceDefinition'])

const neededDefinitions = ['gitrepositories.source.toolkit.fluxcd.io', 'kustomizations.kustomize.toolkit.fluxcd.io']

export const componentLabel = 'app.kubernetes.io/component'
export const versionLabel = 'app.kubernetes.io/version'
export const partOfLabel = 'app.kubernetes.io/part-of'
export const instanceLabel = 'app.kubernetes.io/instance'

/** The labels of an object. */
export function labelsOf(object: KubeObject): Readonly<Record<string, string>> {
  return object.metadata.labels ?? {}
}

/** The component that an object belongs to; undefined for what all share. */
export function componentOf(object: KubeObject): string | undefined {
  const said = labelsOf(object)[componentLabel]
  if (said !== undefined && fluxComponents.includes(said)) return said
  const name = object.metadata.name ?? ''
  return object.kind === 'Deployment' && fluxComponents.includes(name) ? name : undefined
}

/**
 * Reads manifests as `flux install --export` prints them, and checks that they are that and nothing else.
 *
 * @param source what messages call them
 * @param version the version that they are of, where their label need not say it: a release's own install.yaml
 * @throws SluiceError E_FLUX_MANIFESTS
 */
export function readManifests(text: string, source: string, version?: string): FluxManifests {
  const refuse = (expected: string, seen: string, object = source): never => {
    throw new SluiceError('E_FLUX_MANIFESTS', { object, expected, seen })
  }
  if (text.length > maxManifestBytes) refuse(`at most ${maxManifestBytes} bytes`, `${text.length}`)
  const objects = parsed(text, source)
  if (objects.length > maxObjects) refuse(`at most ${maxObjects} objects`, `${objects.length}`)
  const seen = new Set<string>()
  for (const object of objects) {
    const name = `${source}: ${formatRef(refOf(object))}`
    const { group, kind } = gvkOf(object)
    if (kind === 'Secret') refuse('no Secret: it would stand in Git for everybody to read', 'a Secret', name)
    if (!kinds.has(`${group}/${kind}`)) refuse('kinds that flux installs', `${object.apiVersion} ${kind}`, name)
    const key = refKey(refOf(object))
    if (seen.has(key)) refuse('each object once', 'it is there twice', name)
    seen.add(key)
  }
  const namespaces = objects.filter(object => object.kind === 'Namespace').map(object => object.metadata.name ?? '')
  const [namespace = ''] = namespaces
  if (namespaces.length !== 1) refuse('one Namespace', `${namespaces.length}`)
  for (const object of objects) {
    const own = object.metadata.namespace
    if (clusterKinds.has(object.kind) ? own !== undefined : own !== namespace)
      refuse(
        `everything in the namespace ${namespace}`,
        own ?? 'no namespace',
        `${source}: ${formatRef(refOf(object))}`,
      )
  }
  checkDefinitions(objects, refuse)
  const components = componentsIn(objects, refuse)
  // What ended early can still be YAML: the head says what there must be.
  const [, said = ''] = /^# Components: (\S+)$/m.exec(text.slice(0, 1000)) ?? []
  for (const name of said.split(','))
    if (name !== '' && !components.includes(name)) refuse(`the Deployment ${name}, which the head names`, 'none')
  return { text, namespace, components, objects, version: version ?? versionIn(objects, refuse) }
}

type Refuse = (expected: string, seen: string, object?: string) => never

function parsed(text: string, source: string): KubeObject[] {
  try {
    return parseObjects(text, { source })
  } catch (thrown) {
    const error = asSluiceError(thrown)
    throw new SluiceError('E_FLUX_MANIFESTS', {
      object: source,
      expected: 'YAML documents, each with a Kubernetes object',
      seen: error.message,
      cause: error,
    })
  }
}

function checkDefinitions(objects: readonly KubeObject[], refuse: Refuse): void {
  const definitions = objects.filter(object => object.kind === 'CustomResourceDefinition')
  const names = definitions.map(object => object.metadata.name ?? '')
  for (const name of neededDefinitions)
    if (!names.includes(name))
      refuse(`the definition ${name}`, names.length === 0 ? 'no definitions' : names.join(', '))
  for (const definition of definitions) {
    const group = valueAt(definition, ['spec', 'group'])
    const versions = valueAt(definition, ['spec', 'versions'])
    if (typeof group !== 'string' || !/(^|\.)toolkit\.fluxcd\.io$/.test(group))
      refuse('definitions of groups of Flux', String(group), definition.metadata.name ?? '')
    // A download that ended early may well be YAML: its last definition then has no versions.
    if (!Array.isArray(versions) || versions.length === 0)
      refuse('a definition with versions', 'none', definition.metadata.name ?? '')
  }
}

function componentsIn(objects: readonly KubeObject[], refuse: Refuse): string[] {
  const deployments = objects.filter(object => object.kind === 'Deployment')
  for (const object of deployments) {
    const containers = valueAt(object, ['spec', 'template', 'spec', 'containers'])
    const name = formatRef(refOf(object))
    if (componentOf(object) === undefined) refuse(`Deployments of ${fluxComponents.join(', ')}`, 'another', name)
    if (!Array.isArray(containers) || containers.length === 0 || !containers.every(isObject))
      refuse('a Deployment with containers', 'none', name)
    if (labelsOf(object)[partOfLabel] !== 'flux')
      refuse(`the label ${partOfLabel}=flux`, labelsOf(object)[partOfLabel] ?? 'none', name)
  }
  const accounts = new Set(objects.filter(one => one.kind === 'ServiceAccount').map(one => one.metadata.name))
  for (const object of deployments) {
    const account = valueAt(object, ['spec', 'template', 'spec', 'serviceAccountName'])
    if (typeof account !== 'string' || !accounts.has(account))
      refuse('a Deployment with a ServiceAccount of the manifests', String(account ?? 'none'), formatRef(refOf(object)))
  }
  const found = new Set(deployments.map(componentOf))
  for (const name of ['source-controller', 'kustomize-controller'])
    if (!found.has(name)) refuse(`the Deployment ${name}`, [...found].join(', ') || 'no Deployments')
  if (!objects.some(object => parseApiVersion(object.apiVersion).group === 'rbac.authorization.k8s.io'))
    refuse('the roles of the controllers', 'none')
  return fluxComponents.filter(name => found.has(name))
}

function versionIn(objects: readonly KubeObject[], refuse: Refuse): string {
  const versions = new Set(
    objects.filter(object => object.kind === 'Deployment').map(object => labelsOf(object)[versionLabel] ?? 'none'),
  )
  const [version = 'none'] = versions
  if (versions.size !== 1) refuse('one version', [...versions].join(', '))
  if (!/^v\d+\.\d+\.\d+/.test(version)) refuse(`the label ${versionLabel}, such as v2.9.4`, version)
  return version
}
