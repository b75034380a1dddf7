import { isObject } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { immutable, invalid, required, tooLong } from '../../../kube/field-errors.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { configKey } from '../../../kube/structural/names.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { dataLimit, dropEmpty, immutableErrors } from './config-map.ts'
import { child, type Fields, text } from './fields.ts'
import { jsonProblem } from './json-problem.ts'

/** Rules of core/v1 Secrets. */
export const secretStrategy: KindStrategy = {
  applyDefaults(object) {
    if (text(object, 'type') === '') object['type'] = 'Opaque'
    const plain = child(object, 'stringData')
    if (plain !== undefined) {
      const encoded: Fields = { ...child(object, 'data') }
      for (const [key, value] of Object.entries(plain)) encoded[key] = Buffer.from(String(value)).toString('base64')
      object['data'] = encoded
    }
    // What clients may write in plain text is never kept.
    delete object['stringData']
    dropEmpty(object, ['data'])
  },
  validateCreate: dataErrors,
  validateUpdate(object, old) {
    const errors: FieldError[] = []
    if (object['type'] !== old['type']) errors.push(invalid('type', object['type'], immutable))
    errors.push(...immutableErrors(object, old, ['data']))
    return [...errors, ...dataErrors(object)]
  },
  hasGeneration: false,
}

const redacted = '<secret contents redacted>'

function dataErrors(object: KubeObject): FieldError[] {
  const errors: FieldError[] = []
  const data = child(object, 'data') ?? {}
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    for (const rule of configKey(key)) errors.push(invalid(`data[${key}]`, key, rule))
    size += Buffer.byteLength(String(value), 'base64')
  }
  if (size > dataLimit) errors.push(tooLong('data', dataLimit))
  const annotations = object.metadata.annotations ?? {}
  switch (object['type']) {
    case 'kubernetes.io/service-account-token':
      if (!annotations['kubernetes.io/service-account.name']) {
        errors.push(required('metadata.annotations[kubernetes.io/service-account.name]'))
      }
      break
    case 'kubernetes.io/dockercfg':
      jsonKey(data, '.dockercfg', errors)
      break
    case 'kubernetes.io/dockerconfigjson':
      jsonKey(data, '.dockerconfigjson', errors)
      break
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) {
        errors.push(required('data[username]'), required('data[password]'))
      }
      break
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(required('data[ssh-privatekey]'))
      break
    case 'kubernetes.io/tls':
      for (const key of ['tls.crt', 'tls.key']) if (data[key] === undefined) errors.push(required(`data[${key}]`))
      break
  }
  return errors
}

function jsonKey(data: Fields, key: string, errors: FieldError[]): void {
  const value = data[key]
  if (value === undefined) {
    errors.push(required(`data[${key}]`))
    return
  }
  const content = Buffer.from(String(value), 'base64').toString('utf8')
  const problem = jsonProblem(content)
  if (problem !== undefined) errors.push(invalid(`data[${key}]`, redacted, problem))
}

/** Why a secret cannot be read at all: values that are not base64. The server answers 400 then. */
export function base64Problem(data: unknown): string | undefined {
  if (!isObject(data)) return undefined
  for (const value of Object.values(data)) {
    if (typeof value !== 'string') continue
    const text = value.replace(/[\r\n]/g, '')
    const bad = /[^A-Za-z0-9+/=]/.exec(text)
    if (bad !== null) return `illegal base64 data at input byte ${bad.index}`
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
      return `illegal base64 data at input byte ${text.length - (text.length % 4)}`
    }
  }
  return undefined
}
