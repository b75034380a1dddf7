import type { FieldError } from '../../../kube/field-error.ts'
import { invalid, notSupported, required } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { subdomainName } from '../../../kube/structural/names.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, items, setDefault, text, texts } from './fields.ts'
import { portNumber } from './pod-validation.ts'
import { selectorErrors } from './selector.ts'

/** Rules of networking.k8s.io/v1 NetworkPolicies. */
export const networkPolicyStrategy: KindStrategy = {
  applyDefaults(object) {
    const spec = ensure(object, 'spec')
    ensure(spec, 'podSelector')
    for (const rule of [...items(spec, 'ingress'), ...items(spec, 'egress')]) {
      for (const port of items(rule, 'ports')) setDefault(port, 'protocol', 'TCP')
    }
    if (texts(spec, 'policyTypes').length === 0) {
      spec['policyTypes'] = items(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress']
    }
  },
  validateCreate: policyErrors,
  validateUpdate: policyErrors,
  hasGeneration: true,
}

function policyErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const errors = selectorErrors(child(spec, 'podSelector'), 'spec.podSelector')
  for (const [direction, peers] of [
    ['ingress', 'from'],
    ['egress', 'to'],
  ] as const) {
    items(spec, direction).forEach((rule, i) => {
      const at = `spec.${direction}[${i}]`
      items(rule, 'ports').forEach((port, j) => {
        const protocol = text(port, 'protocol')
        if (!['TCP', 'UDP', 'SCTP'].includes(protocol)) {
          errors.push(notSupported(`${at}.ports[${j}].protocol`, protocol, ['TCP', 'UDP', 'SCTP']))
        }
        if (typeof port['port'] === 'number') portNumber(port['port'], `${at}.ports[${j}].port`, errors)
      })
      items(rule, peers).forEach((peer, j) => {
        if (Object.keys(peer).length === 0) errors.push(required(`${at}.${peers}[${j}]`, 'must specify a peer'))
        for (const field of ['podSelector', 'namespaceSelector']) {
          errors.push(...selectorErrors(child(peer, field), `${at}.${peers}[${j}].${field}`))
        }
      })
    })
  }
  texts(spec, 'policyTypes').forEach((type, i) => {
    if (type !== 'Ingress' && type !== 'Egress') {
      errors.push(notSupported(`spec.policyTypes[${i}]`, type, ['Egress', 'Ingress']))
    }
  })
  return errors
}

/** Rules of networking.k8s.io/v1 Ingresses. */
export const ingressStrategy: KindStrategy = {
  applyDefaults(object) {
    ensure(object, 'spec')
  },
  prepareCreate(object) {
    object['status'] = { loadBalancer: {} }
  },
  prepareUpdate(object, old) {
    object['status'] = old['status'] ?? { loadBalancer: {} }
  },
  validateCreate: ingressErrors,
  validateUpdate: ingressErrors,
  hasGeneration: true,
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix']

function ingressErrors(object: KubeObject): FieldError[] {
  const spec = child(object, 'spec') ?? {}
  const errors: FieldError[] = []
  const rules = items(spec, 'rules')
  const backend = child(spec, 'defaultBackend')
  if (rules.length === 0 && backend === undefined) {
    errors.push(invalid('spec', rules, 'either `defaultBackend` or `rules` must be specified'))
  }
  if (backend !== undefined) backendErrors(backend, 'spec.defaultBackend', errors)
  rules.forEach((rule, i) => {
    const host = text(rule, 'host').replace(/^\*\./, '')
    if (host !== '') {
      for (const broken of subdomainName(host))
        errors.push(invalid(`spec.rules[${i}].host`, text(rule, 'host'), broken))
    }
    const http = child(rule, 'http')
    if (http === undefined) return
    const paths = items(http, 'paths')
    if (paths.length === 0) errors.push(required(`spec.rules[${i}].http.paths`))
    for (const [j, path] of paths.entries()) pathErrors(path, `spec.rules[${i}].http.paths[${j}]`, errors)
  })
  return errors
}

function pathErrors(path: Fields, at: string, errors: FieldError[]): void {
  const type = text(path, 'pathType')
  const value = text(path, 'path')
  if (type === '') errors.push(required(`${at}.pathType`, 'pathType must be specified'))
  else if (!pathTypes.includes(type)) errors.push(notSupported(`${at}.pathType`, type, pathTypes))
  else if (type !== 'ImplementationSpecific' && !value.startsWith('/')) {
    errors.push(invalid(`${at}.path`, value, 'must be an absolute path'))
  } else if (value !== '' && !value.startsWith('/')) {
    errors.push(invalid(`${at}.path`, value, 'must be an absolute path'))
  }
  backendErrors(child(path, 'backend') ?? {}, `${at}.backend`, errors)
}

function backendErrors(backend: Fields, path: string, errors: FieldError[]): void {
  const [service, resource] = [child(backend, 'service'), child(backend, 'resource')]
  if (service !== undefined && resource !== undefined) {
    errors.push(invalid(path, '', 'cannot set both resource and service backends'))
    return
  }
  if (resource !== undefined) return
  if (service === undefined || text(service, 'name') === '') {
    errors.push(required(`${path}.service.name`))
    return
  }
  const port = child(service, 'port')
  const [name, number] = [text(port, 'name'), port?.['number']]
  if (name === '' && !number) errors.push(required(`${path}.service.port`, 'port name or number is required'))
  else if (number) portNumber(number, `${path}.service.port.number`, errors)
}
