import { isObject } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { duplicate, forbidden, invalid, notFound, notSupported, required } from '../../../kube/field-errors.ts'
import { configKey, environmentName, labelName, portName, subdomainName } from '../../../kube/structural/names.ts'
import { parseQuantity } from '../../../kube/structural/quantity.ts'
import { canonicalQuantity } from '../go-types/quantity.ts'
import { child, type Fields, items, number, text, texts } from './fields.ts'

/**
 * The rules of a pod spec, in the words of the API server (`ValidatePodSpec`): what clients get wrong in practice, names,
 * images, ports, volumes and mounts, probes, environment, resources, policies. Rules of rarely used volume sources,
 * affinity, and security contexts are not checked.
 */
export function podSpecErrors(spec: Fields | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  const volumes = volumeErrors(spec, `${path}.volumes`, errors)
  const names = new Set<string>()
  const containers = items(spec, 'containers')
  if (containers.length === 0) errors.push(required(`${path}.containers`))
  containers.forEach((container, i) => {
    containerErrors(container, `${path}.containers[${i}]`, volumes, names, errors)
  })
  const init = items(spec, 'initContainers')
  init.forEach((container, i) => {
    containerErrors(container, `${path}.initContainers[${i}]`, volumes, names, errors)
  })
  policy(spec, 'restartPolicy', ['Always', 'OnFailure', 'Never'], path, errors)
  policy(spec, 'dnsPolicy', ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'], path, errors)
  const grace = number(spec, 'terminationGracePeriodSeconds')
  if (grace !== undefined && grace < 0) {
    errors.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than or equal to 0'))
  }
  const deadline = number(spec, 'activeDeadlineSeconds')
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647)) {
    const rule = 'must be between 1 and 2147483647, inclusive'
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, rule))
  }
  for (const field of ['serviceAccountName', 'nodeName', 'priorityClassName', 'runtimeClassName']) {
    const name = text(spec, field)
    if (name !== '') for (const rule of subdomainName(name)) errors.push(invalid(`${path}.${field}`, name, rule))
  }
  for (const field of ['hostname', 'subdomain']) {
    const name = text(spec, field)
    if (name !== '') for (const rule of labelName(name)) errors.push(invalid(`${path}.${field}`, name, rule))
  }
  tolerationErrors(spec, `${path}.tolerations`, errors)
  return errors
}

function policy(
  spec: Fields | undefined,
  field: string,
  allowed: readonly string[],
  path: string,
  errors: FieldError[],
): void {
  const value = text(spec, field)
  if (value === '') errors.push(required(`${path}.${field}`))
  else if (!allowed.includes(value)) {
    errors.push(notSupported(`${path}.${field}`, value, allowed))
  }
}

/** Gives the names of the volumes. */
function volumeErrors(spec: Fields | undefined, path: string, errors: FieldError[]): ReadonlySet<string> {
  const names = new Set<string>()
  items(spec, 'volumes').forEach((volume, i) => {
    const name = text(volume, 'name')
    const at = `${path}[${i}]`
    if (name === '') errors.push(required(`${at}.name`))
    else {
      for (const rule of labelName(name)) errors.push(invalid(`${at}.name`, name, rule))
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name))
    }
    const sources = Object.keys(volume).filter(key => key !== 'name' && isObject(volume[key]))
    if (sources.length === 0) errors.push(required(at, 'must specify a volume type'))
    for (const extra of sources.slice(1)) {
      errors.push(forbidden(`${at}.${extra}`, 'may not specify more than 1 volume type'))
    }
    if (volume['secret'] && text(child(volume, 'secret'), 'secretName') === '') {
      errors.push(required(`${at}.secret.secretName`))
    }
    if (volume['configMap'] && text(child(volume, 'configMap'), 'name') === '') {
      errors.push(required(`${at}.configMap.name`))
    }
    if (volume['persistentVolumeClaim'] && text(child(volume, 'persistentVolumeClaim'), 'claimName') === '') {
      errors.push(required(`${at}.persistentVolumeClaim.claimName`))
    }
    names.add(name)
  })
  return names
}

function containerErrors(
  container: Fields,
  path: string,
  volumes: ReadonlySet<string>,
  names: Set<string>,
  errors: FieldError[],
): void {
  const name = text(container, 'name')
  if (name === '') errors.push(required(`${path}.name`))
  else {
    for (const rule of labelName(name)) errors.push(invalid(`${path}.name`, name, rule))
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name))
  }
  names.add(name)
  const image = text(container, 'image')
  if (image === '') errors.push(required(`${path}.image`))
  else if (image.trim() !== image) {
    errors.push(invalid(`${path}.image`, image, 'must not have leading or trailing whitespace'))
  }
  policy(container, 'terminationMessagePolicy', ['File', 'FallbackToLogsOnError'], path, errors)
  policy(container, 'imagePullPolicy', ['Always', 'IfNotPresent', 'Never'], path, errors)
  portErrors(container, `${path}.ports`, errors)
  environmentErrors(container, path, errors)
  mountErrors(container, `${path}.volumeMounts`, volumes, errors)
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const found = child(container, probe)
    if (found !== undefined) probeErrors(found, `${path}.${probe}`, probe !== 'readinessProbe', errors)
  }
  resourceErrors(child(container, 'resources'), `${path}.resources`, errors)
}

function portErrors(container: Fields, path: string, errors: FieldError[]): void {
  const seen = new Set<string>()
  items(container, 'ports').forEach((port, i) => {
    const at = `${path}[${i}]`
    const name = text(port, 'name')
    if (name !== '') {
      for (const rule of portName(name)) errors.push(invalid(`${at}.name`, name, rule))
      if (seen.has(name)) errors.push(duplicate(`${at}.name`, name))
      seen.add(name)
    }
    const value = number(port, 'containerPort')
    if (!value) errors.push(required(`${at}.containerPort`))
    else portNumber(value, `${at}.containerPort`, errors)
    if (port['hostPort']) portNumber(port['hostPort'], `${at}.hostPort`, errors)
    policy(port, 'protocol', ['SCTP', 'TCP', 'UDP'], at, errors)
  })
}

/** A port must be between 1 and 65535. */
export function portNumber(value: unknown, path: string, errors: FieldError[]): void {
  if (typeof value === 'number' && value >= 1 && value <= 65535) return
  errors.push(invalid(path, value, 'must be between 1 and 65535, inclusive'))
}

function environmentErrors(container: Fields, path: string, errors: FieldError[]): void {
  items(container, 'env').forEach((variable, i) => {
    const at = `${path}.env[${i}]`
    const name = text(variable, 'name')
    if (name === '') errors.push(required(`${at}.name`))
    else for (const rule of environmentName(name)) errors.push(invalid(`${at}.name`, name, rule))
    const from = child(variable, 'valueFrom')
    if (from === undefined) return
    const sources = Object.keys(from).filter(key => isObject(from[key]))
    const shown = { ...from }
    if (text(variable, 'value') !== '' && sources.length > 0) {
      errors.push(invalid(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty'))
    } else if (sources.length === 0) {
      errors.push(
        invalid(
          `${at}.valueFrom`,
          '',
          'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
        ),
      )
    } else if (sources.length > 1) {
      errors.push(invalid(`${at}.valueFrom`, shown, 'may not have more than one field specified at a time'))
    }
    for (const source of ['configMapKeyRef', 'secretKeyRef']) {
      const reference = child(from, source)
      if (reference === undefined) continue
      if (text(reference, 'name') === '') errors.push(required(`${at}.valueFrom.${source}.name`))
      const key = text(reference, 'key')
      if (key === '') errors.push(required(`${at}.valueFrom.${source}.key`))
      else for (const rule of configKey(key)) errors.push(invalid(`${at}.valueFrom.${source}.key`, key, rule))
    }
  })
  items(container, 'envFrom').forEach((source, i) => {
    const at = `${path}.envFrom[${i}]`
    const [map, secret] = [child(source, 'configMapRef'), child(source, 'secretRef')]
    if (map !== undefined && text(map, 'name') === '') errors.push(required(`${at}.configMapRef.name`))
    if (secret !== undefined && text(secret, 'name') === '') errors.push(required(`${at}.secretRef.name`))
    if (map === undefined && secret === undefined) {
      errors.push(invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'))
    } else if (map !== undefined && secret !== undefined) {
      errors.push(invalid(at, '', 'may not have more than one field specified at a time'))
    }
  })
}

function mountErrors(container: Fields, path: string, volumes: ReadonlySet<string>, errors: FieldError[]): void {
  const paths = new Set<string>()
  items(container, 'volumeMounts').forEach((mount, i) => {
    const name = text(mount, 'name')
    if (name === '') errors.push(required(`${path}[${i}].name`))
    else if (!volumes.has(name)) errors.push(notFound(`${path}[${i}].name`, name))
    const where = text(mount, 'mountPath')
    if (where === '') errors.push(required(`${path}[${i}].mountPath`))
    else if (paths.has(where)) errors.push(invalid(`${path}[${i}].mountPath`, where, 'must be unique'))
    paths.add(where)
  })
}

function probeErrors(probe: Fields, path: string, oneSuccess: boolean, errors: FieldError[]): void {
  const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter(handler => isObject(probe[handler]))
  if (handlers.length === 0) errors.push(required(path, 'must specify a handler type'))
  for (const extra of handlers.slice(1)) {
    errors.push(forbidden(`${path}.${extra}`, 'may not specify more than 1 handler type'))
  }
  const exec = child(probe, 'exec')
  if (exec !== undefined && texts(exec, 'command').length === 0) errors.push(required(`${path}.exec.command`))
  for (const handler of ['httpGet', 'tcpSocket', 'grpc']) {
    const port = child(probe, handler)?.['port']
    if (typeof port === 'number') portNumber(port, `${path}.${handler}.port`, errors)
    else if (typeof port === 'string') {
      for (const rule of portName(port)) errors.push(invalid(`${path}.${handler}.port`, port, rule))
    }
  }
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    const value = number(probe, field)
    if (value !== undefined && value < 0) {
      errors.push(invalid(`${path}.${field}`, value, 'must be greater than or equal to 0'))
    }
  }
  const success = number(probe, 'successThreshold')
  if (oneSuccess && success !== undefined && success !== 1) {
    errors.push(invalid(`${path}.successThreshold`, success, 'must be 1'))
  }
}

function resourceErrors(resources: Fields | undefined, path: string, errors: FieldError[]): void {
  const limits = child(resources ?? {}, 'limits') ?? {}
  const requests = child(resources ?? {}, 'requests') ?? {}
  for (const [list, at] of [
    [limits, `${path}.limits`],
    [requests, `${path}.requests`],
  ] as const) {
    for (const [name, amount] of Object.entries(list)) {
      if ((parseQuantity(String(amount)) ?? 0n) < 0n) {
        errors.push(invalid(`${at}[${name}]`, String(amount), 'must be greater than or equal to 0'))
      }
    }
  }
  for (const [name, amount] of Object.entries(requests)) {
    const limit = limits[name]
    if (limit === undefined) continue
    const [asked, most] = [parseQuantity(String(amount)), parseQuantity(String(limit))]
    if (asked !== undefined && most !== undefined && asked > most) {
      const rule = `must be less than or equal to ${name} limit of ${shownQuantity(limit)}`
      errors.push(invalid(`${path}.requests`, shownQuantity(amount), rule))
    }
  }
}

function shownQuantity(amount: unknown): string {
  return canonicalQuantity(String(amount)) ?? String(amount)
}

function tolerationErrors(spec: Fields | undefined, path: string, errors: FieldError[]): void {
  items(spec, 'tolerations').forEach((toleration, i) => {
    const [key, operator, effect] = [text(toleration, 'key'), text(toleration, 'operator'), text(toleration, 'effect')]
    if (key === '' && operator !== 'Exists') {
      const rule = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
      errors.push(invalid(`${path}[${i}].operator`, operator, rule))
    }
    if (operator !== '' && operator !== 'Equal' && operator !== 'Exists') {
      errors.push(notSupported(`${path}[${i}].operator`, operator, ['Equal', 'Exists']))
    }
    if (operator === 'Exists' && text(toleration, 'value') !== '') {
      const rule = 'value must be empty when `operator` is Exists'
      errors.push(invalid(`${path}[${i}].operator`, { ...toleration }, rule))
    }
    const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute']
    if (effect !== '' && !effects.includes(effect)) {
      errors.push(notSupported(`${path}[${i}].effect`, effect, effects))
    }
  })
}
