import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { duplicate, forbidden, invalid, notSupported, required } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { labelName, portName, subdomainName } from '../../../kube/structural/names.ts'
import { validateLabels } from '../../../kube/structural/validate-metadata.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, items, setDefault, text, texts } from './fields.ts'
import { portNumber } from './pod-validation.ts'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/** Rules of core/v1 Services. */
export const serviceStrategy: KindStrategy = {
  nameRule: labelName,
  allowCreateOnUpdate: true,
  returnsDeleted: true,
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    setDefault(spec, 'sessionAffinity', 'None')
    if (spec['sessionAffinity'] === 'None') delete spec['sessionAffinityConfig']
    if (spec['sessionAffinity'] === 'ClientIP') {
      setDefault(ensure(ensure(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', 10800)
    }
    setDefault(spec, 'type', 'ClusterIP')
    for (const port of items(spec, 'ports')) {
      setDefault(port, 'protocol', 'TCP')
      if (port['targetPort'] === undefined || port['targetPort'] === '' || port['targetPort'] === 0) {
        port['targetPort'] = port['port']
      }
    }
    const type = spec['type']
    if (type === 'NodePort' || type === 'LoadBalancer') setDefault(spec, 'externalTrafficPolicy', 'Cluster')
    if (type !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster')
    if (type === 'LoadBalancer' && typeof spec['allocateLoadBalancerNodePorts'] !== 'boolean') {
      spec['allocateLoadBalancerNodePorts'] = true
    }
  },
  prepareCreate(object) {
    object['status'] = { loadBalancer: {} }
    allocate(object, undefined)
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? { loadBalancer: {} }
    allocate(object, old)
  },
  validateCreate: object => specErrors(object),
  validateUpdate(object, old) {
    const errors = specErrors(object)
    const [now, before] = [child(object, 'spec') ?? {}, child(old, 'spec') ?? {}]
    const kept = now['type'] !== 'ExternalName' && before['type'] !== 'ExternalName'
    const [address, was] = [texts(now, 'clusterIPs')[0], texts(before, 'clusterIPs')[0]]
    if (kept && was && address !== was) {
      errors.push(invalid('spec.clusterIPs[0]', texts(now, 'clusterIPs'), 'may not change once set'))
    }
    if (
      !jsonEqual(now['loadBalancerClass'], before['loadBalancerClass']) &&
      before['loadBalancerClass'] !== undefined &&
      now['type'] === 'LoadBalancer'
    ) {
      errors.push(invalid('spec.loadBalancerClass', now['loadBalancerClass'] ?? null, 'may not change once set'))
    }
    return errors
  },
  hasGeneration: false,
}

/**
 * Gives addresses and node ports to what asks for them and has none. They are derived from the service's identity, out of
 * Kubernetes' usual ranges: nothing routes them here.
 */
function allocate(object: KubeObject, old: KubeObject | undefined): void {
  const spec = ensure(object, 'spec')
  const before = child(old ?? {}, 'spec') ?? {}
  if (spec['type'] === 'ExternalName') {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy', 'internalTrafficPolicy'])
      delete spec[field]
    return
  }
  const seed = createHash('sha256')
    .update(object.metadata.uid ?? object.metadata.name ?? '')
    .digest()
  const [given] = texts(spec, 'clusterIPs')
  const address = text(spec, 'clusterIP') || given || texts(before, 'clusterIPs')[0] || addressFrom(seed)
  spec['clusterIP'] = address
  if (texts(spec, 'clusterIPs').length === 0) spec['clusterIPs'] = [address]
  const family = isIP(address) === 6 ? 'IPv6' : 'IPv4'
  if (!Array.isArray(spec['ipFamilies']) || spec['ipFamilies'].length === 0) {
    spec['ipFamilies'] = texts(before, 'ipFamilies').length > 0 ? before['ipFamilies'] : [family]
  }
  setDefault(spec, 'ipFamilyPolicy', before['ipFamilyPolicy'] ?? 'SingleStack')
  const wantsPorts =
    spec['type'] === 'NodePort' || (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false)
  if (!wantsPorts) return
  for (const [i, port] of items(spec, 'ports').entries()) {
    if (port['nodePort']) continue
    const same = items(before, 'ports').find(
      was => was['port'] === port['port'] && was['protocol'] === port['protocol'],
    )
    port['nodePort'] = same?.['nodePort'] ?? 30000 + ((seed.readUInt16BE(4) + i * 7) % 2768)
  }
}

/** An address in 10.96.0.0/12 but for its first few. */
function addressFrom(seed: Buffer): string {
  const low = seed.readUInt8(2) % 254
  return `10.${96 + (seed.readUInt8(0) % 16)}.${seed.readUInt8(1)}.${low + 1}`
}

function specErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const errors: FieldError[] = []
  const type = text(spec, 'type')
  const ports = items(spec, 'ports')
  const headless = text(spec, 'clusterIP') === 'None'
  if (ports.length === 0 && !headless && type !== 'ExternalName') errors.push(required('spec.ports'))
  if (!types.includes(type)) errors.push(notSupported('spec.type', type, types))
  if (type === 'LoadBalancer' && headless) {
    errors.push(invalid('spec.clusterIPs[0]', 'None', "may not be set to 'None' for LoadBalancer services"))
  }
  if (type === 'ExternalName') externalNameErrors(spec, errors)
  portErrors(ports, type, errors)
  errors.push(...validateLabels(spec['selector'], 'spec.selector'))
  const affinity = text(spec, 'sessionAffinity')
  if (affinity !== 'ClientIP' && affinity !== 'None') {
    errors.push(notSupported('spec.sessionAffinity', affinity, ['ClientIP', 'None']))
  }
  texts(spec, 'clusterIPs').forEach((address, i) => {
    if (address !== 'None' && isIP(address) === 0) {
      errors.push(
        invalid(`spec.clusterIPs[${i}]`, address, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'),
      )
    }
  })
  policyErrors(spec, 'externalTrafficPolicy', errors)
  policyErrors(spec, 'internalTrafficPolicy', errors)
  if (
    spec['externalTrafficPolicy'] &&
    type !== 'NodePort' &&
    type !== 'LoadBalancer' &&
    texts(spec, 'externalIPs').length === 0
  ) {
    const rule = 'may only be set for externally-accessible services'
    errors.push(invalid('spec.externalTrafficPolicy', spec['externalTrafficPolicy'], rule))
  }
  return errors
}

function policyErrors(spec: Fields, field: string, errors: FieldError[]): void {
  const value = text(spec, field)
  if (value === '' || value === 'Cluster' || value === 'Local') return
  errors.push(notSupported(`spec.${field}`, value, ['Cluster', 'Local']))
}

function externalNameErrors(spec: Fields, errors: FieldError[]): void {
  if (text(spec, 'clusterIP') !== '') {
    errors.push(forbidden('spec.clusterIP', "may not be set when `type` is 'ExternalName'"))
  }
  const name = text(spec, 'externalName')
  if (name === '') {
    errors.push(required('spec.externalName'))
    return
  }
  for (const rule of subdomainName(name.replace(/\.$/, ''))) errors.push(invalid('spec.externalName', name, rule))
}

function portErrors(ports: readonly Fields[], type: string, errors: FieldError[]): void {
  const names = new Set<string>()
  const seen = new Set<string>()
  ports.forEach((port, i) => {
    const at = `spec.ports[${i}]`
    const name = text(port, 'name')
    if (name === '' && ports.length > 1) errors.push(required(`${at}.name`))
    if (name !== '') {
      for (const rule of labelName(name)) errors.push(invalid(`${at}.name`, name, rule))
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
      names.add(name)
    }
    portNumber(port['port'], `${at}.port`, errors)
    const protocol = text(port, 'protocol')
    if (!['SCTP', 'TCP', 'UDP'].includes(protocol)) {
      errors.push(notSupported(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']))
    }
    const target = port['targetPort']
    if (typeof target === 'number') portNumber(target, `${at}.targetPort`, errors)
    else if (typeof target === 'string') {
      for (const rule of portName(target)) errors.push(invalid(`${at}.targetPort`, target, rule))
    }
    if (port['nodePort'] && type === 'ClusterIP') {
      errors.push(forbidden(`${at}.nodePort`, "may not be used when `type` is 'ClusterIP'"))
    }
    const key = `${protocol}/${String(port['port'])}`
    if (seen.has(key)) errors.push(duplicate(at, { port: port['port'], protocol }))
    seen.add(key)
  })
}
