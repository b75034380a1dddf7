import { isObject, jsonEqual, valueAt } from '../base/json.ts'
import { formatRef, refOf } from '../kube/identity.ts'
import type { KubeObject } from '../kube/object.ts'
import { componentOf, type FluxManifests, instanceLabel, labelsOf, versionLabel } from './manifests.ts'
import { chosenComponents, type FluxOptions, fluxComponents, refuseOption } from './options.ts'
import { argumentsOf, containersOf, podSpecOf, setArgument } from './pod-spec.ts'
import { withNamespace } from './rename.ts'
import { componentsText, isFluxText } from './text.ts'

/**
 * What the options of `flux install` make of manifests that were made without them: the same objects that flux generates
 * with them (`pkg/manifestgen/install`). An option that the manifests have no place for is refused by name.
 *
 * @throws SluiceError E_FLUX_OPTION
 */
export function shapeManifests(found: FluxManifests, options: FluxOptions, namespace: string): FluxManifests {
  if (options.version !== undefined && options.version !== found.version)
    throw refuseOption('version', `manifests of ${options.version}`, found.version)
  const components = chosenComponents(options) ?? found.components
  const missing = components.find(name => !found.components.includes(name))
  if (missing !== undefined) {
    const option = options.componentsExtra?.includes(missing) ? 'componentsExtra' : 'components'
    throw refuseOption(option, `one of ${found.components.join(', ')}, which the manifests have`, missing)
  }
  let objects = structuredClone(found.objects) as KubeObject[]
  objects = objects.filter(object => {
    const component = componentOf(object)
    return component === undefined || components.includes(component)
  })
  objects = networkPolicies(objects, options)
  if (namespace !== found.namespace) objects = withNamespace(objects, found.namespace, namespace)
  for (const object of objects) {
    object.metadata.labels = { ...labelsOf(object), ...commonLabels(object, found.version, namespace) }
    if (object.kind === 'Deployment')
      shapeDeployment(object, options, { components, namespace, version: found.version })
  }
  const ordered = fluxComponents.filter(name => components.includes(name))
  const shaped = { ...found, namespace, components: ordered, objects }
  const same = isFluxText(found.text) && jsonEqual(objects, found.objects)
  return { ...shaped, text: same ? found.text : componentsText(shaped) }
}

/** The labels that flux puts on everything. */
function commonLabels(object: KubeObject, version: string, namespace: string): Record<string, string> {
  const labels = labelsOf(object)
  return {
    ...(labels[versionLabel] === version ? {} : { [versionLabel]: version }),
    ...(labels[instanceLabel] === namespace ? {} : { [instanceLabel]: namespace }),
    'app.kubernetes.io/part-of': 'flux',
  }
}

function networkPolicies(objects: KubeObject[], { networkPolicy }: FluxOptions): KubeObject[] {
  if (networkPolicy === undefined) return objects
  const others = objects.filter(object => object.kind !== 'NetworkPolicy')
  if (!networkPolicy) return others
  if (others.length === objects.length) throw refuseOption('networkPolicy', 'manifests with NetworkPolicies', 'none')
  return objects
}

function shapeDeployment(
  object: KubeObject,
  options: FluxOptions,
  {
    components,
    namespace,
    version,
  }: { readonly components: readonly string[]; readonly namespace: string; readonly version: string },
): void {
  const component = componentOf(object) ?? ''
  const spec = podSpecOf(object)
  // Newer versions of Flux label the pods as well; an older one's stay without.
  const pods = valueAt(object, ['spec', 'template', 'metadata', 'labels'])
  if (isObject(pods) && pods[instanceLabel] !== undefined) pods[instanceLabel] = namespace
  if (isObject(pods) && pods[versionLabel] !== undefined) pods[versionLabel] = version
  if (options.registry !== undefined) setRegistry(object, component, options.registry)
  if (options.imagePullSecret !== undefined) {
    // A strategic merge by name, as flux's patch is.
    const name = options.imagePullSecret
    const there = Array.isArray(spec['imagePullSecrets']) ? (spec['imagePullSecrets'] as unknown[]) : []
    if (!there.some(one => isObject(one) && one['name'] === name)) spec['imagePullSecrets'] = [{ name }, ...there]
  }
  if (options.tolerationKeys !== undefined && options.tolerationKeys.length > 0)
    spec['tolerations'] = options.tolerationKeys.map(key => ({ key, operator: 'Exists' }))
  if (options.watchAllNamespaces !== undefined)
    setArgument(object, 'watch-all-namespaces', String(options.watchAllNamespaces), 'watchAllNamespaces')
  if (options.logLevel !== undefined) setArgument(object, 'log-level', options.logLevel, 'logLevel')
  setAddresses(object, options, components, namespace)
}

/** `--registry`: what stands before the name of a component's image; tag and digest stay, as kustomize's `images` has it. */
function setRegistry(object: KubeObject, component: string, registry: string): void {
  for (const container of containersOf(object)) {
    const image = String(container['image'] ?? '')
    const found = /^(?:[^@]*\/)?([^/:@]+)((?::[^/@]+)?(?:@.+)?)$/.exec(image)
    if (found?.[1] !== component)
      throw refuseOption('registry', `an image named ${component} in ${formatRef(refOf(object))}`, image || 'none')
    container['image'] = `${registry}/${component}${found[2] ?? ''}`
  }
}

/** The two addresses that say a domain: of the notification-controller, and of the source-controller's own storage. */
function setAddresses(
  object: KubeObject,
  { clusterDomain }: FluxOptions,
  components: readonly string[],
  namespace: string,
): void {
  const args = argumentsOf(object)
  const events = args.get('events-addr')
  const domain = clusterDomain ?? /\.svc\.(.+?)\.?\/?$/.exec(events ?? '')?.[1] ?? 'cluster.local'
  if (events !== undefined) {
    const notifies = components.includes('notification-controller')
    const wanted = notifies ? `http://notification-controller.${namespace}.svc.${domain}./` : ''
    // What somebody wrote by hand stays when no option is about it.
    const isUsual = events === '' || /^http:\/\/notification-controller\./.test(events)
    if (isUsual && (clusterDomain !== undefined || !notifies || !events.includes(`.${namespace}.svc.`)))
      setArgument(object, 'events-addr', wanted, 'clusterDomain')
  }
  if (clusterDomain === undefined || !args.has('storage-path')) return
  const own = valueAt(object, ['metadata', 'name'])
  const address = `${own}.$(RUNTIME_NAMESPACE).svc.${clusterDomain}.`
  setArgument(object, 'storage-adv-addr', address, 'clusterDomain')
}
