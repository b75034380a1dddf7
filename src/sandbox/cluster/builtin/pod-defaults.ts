import { child, ensure, type Fields, items, setDefault, text } from './fields.ts'

/** Kubernetes' defaults of a pod spec (core/v1 `SetDefaults_PodSpec` and what it calls), in place. */
export function defaultPodSpec(spec: Fields): void {
  setDefault(spec, 'restartPolicy', 'Always')
  setDefault(spec, 'terminationGracePeriodSeconds', 30)
  setDefault(spec, 'dnsPolicy', 'ClusterFirst')
  if (spec['securityContext'] === undefined || spec['securityContext'] === null) spec['securityContext'] = {}
  setDefault(spec, 'schedulerName', 'default-scheduler')
  // `serviceAccount` is the old name of `serviceAccountName`; both are always written.
  if (text(spec, 'serviceAccountName') !== '') spec['serviceAccount'] = spec['serviceAccountName']
  else if (text(spec, 'serviceAccount') !== '') spec['serviceAccountName'] = spec['serviceAccount']
  const hostNetwork = spec['hostNetwork'] === true
  for (const kind of ['initContainers', 'containers', 'ephemeralContainers']) {
    for (const container of items(spec, kind)) defaultContainer(container, hostNetwork)
  }
  for (const volume of items(spec, 'volumes')) defaultVolume(volume)
}

/** The pod spec of a template, when it is there or can be made. */
export function defaultTemplate(spec: Fields): void {
  const template = ensure(spec, 'template')
  ensure(template, 'metadata')
  defaultPodSpec(ensure(template, 'spec'))
}

function defaultContainer(container: Fields, hostNetwork: boolean): void {
  setDefault(container, 'terminationMessagePath', '/dev/termination-log')
  setDefault(container, 'terminationMessagePolicy', 'File')
  setDefault(container, 'imagePullPolicy', pullPolicy(text(container, 'image')))
  ensure(container, 'resources')
  for (const port of items(container, 'ports')) {
    setDefault(port, 'protocol', 'TCP')
    if (hostNetwork && !port['hostPort']) port['hostPort'] = port['containerPort']
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) defaultProbe(child(container, probe))
  const lifecycle = child(container, 'lifecycle')
  for (const hook of ['postStart', 'preStop']) {
    if (lifecycle !== undefined) defaultHttpGet(child(child(lifecycle, hook) ?? {}, 'httpGet'))
  }
  for (const variable of items(container, 'env')) {
    const from = child(variable, 'valueFrom')
    const fieldRef = from === undefined ? undefined : child(from, 'fieldRef')
    if (fieldRef !== undefined) setDefault(fieldRef, 'apiVersion', 'v1')
    const resource = from === undefined ? undefined : child(from, 'resourceFieldRef')
    if (resource !== undefined) setDefault(resource, 'divisor', '0')
  }
}

/** `latest`, or no tag at all, is pulled always. */
function pullPolicy(image: string): string {
  const [name = '', digest] = image.split('@')
  const last = name.slice(name.lastIndexOf('/') + 1)
  const tag = last.includes(':') ? last.slice(last.indexOf(':') + 1) : ''
  if (tag === 'latest') return 'Always'
  return tag === '' && digest === undefined ? 'Always' : 'IfNotPresent'
}

function defaultProbe(probe: Fields | undefined): void {
  if (probe === undefined) return
  for (const [field, value] of [
    ['timeoutSeconds', 1],
    ['periodSeconds', 10],
    ['successThreshold', 1],
    ['failureThreshold', 3],
  ] as const) {
    if (!probe[field]) probe[field] = value
  }
  defaultHttpGet(child(probe, 'httpGet'))
  const grpc = child(probe, 'grpc')
  if (grpc !== undefined && grpc['service'] === undefined) grpc['service'] = ''
}

function defaultHttpGet(get: Fields | undefined): void {
  if (get === undefined) return
  setDefault(get, 'path', '/')
  setDefault(get, 'scheme', 'HTTP')
}

const fileMode = 0o644

function defaultVolume(volume: Fields): void {
  if (Object.keys(volume).every(key => key === 'name')) volume['emptyDir'] = {}
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    const found = child(volume, source)
    if (found === undefined) continue
    if (found['defaultMode'] === undefined || found['defaultMode'] === null) found['defaultMode'] = fileMode
    defaultFieldRefs(found)
    for (const projected of items(found, 'sources')) {
      const down = child(projected, 'downwardAPI')
      if (down !== undefined) defaultFieldRefs(down)
      const token = child(projected, 'serviceAccountToken')
      if (token !== undefined) setDefault(token, 'expirationSeconds', 3600)
    }
  }
  const hostPath = child(volume, 'hostPath')
  if (hostPath !== undefined && hostPath['type'] === undefined) hostPath['type'] = ''
  const ephemeral = child(volume, 'ephemeral')
  const claim = ephemeral === undefined ? undefined : child(ephemeral, 'volumeClaimTemplate')
  if (claim !== undefined) setDefault(ensure(claim, 'spec'), 'volumeMode', 'Filesystem')
}

function defaultFieldRefs(source: Fields): void {
  for (const item of items(source, 'items')) {
    const fieldRef = child(item, 'fieldRef')
    if (fieldRef !== undefined) setDefault(fieldRef, 'apiVersion', 'v1')
    const resource = child(item, 'resourceFieldRef')
    if (resource !== undefined) setDefault(resource, 'divisor', '0')
  }
}
