import { isObject } from '../../base/json.ts'
import { type FluxEvent, longestMessage } from './event.ts'

const severities: ReadonlySet<unknown> = new Set(['trace', 'info', 'error'])
const mostMetadata = 200

/**
 * An event that somebody posted, checked field by field; a text says what is wrong with it. Unknown fields are dropped.
 */
export function readEvent(value: unknown): FluxEvent | string {
  if (!isObject(value)) return 'expected a JSON object'
  const about = value['involvedObject']
  if (!isObject(about)) return 'involvedObject: expected an object'
  for (const key of ['apiVersion', 'kind', 'namespace', 'name'] as const) {
    if (!isText(about[key], 253)) return `involvedObject.${key}: expected a text of at most 253 characters`
  }
  if (!severities.has(value['severity'])) return 'severity: expected trace, info or error'
  if (!isText(value['message'], longestMessage)) {
    return `message: expected a text of at most ${longestMessage} characters`
  }
  if (!isText(value['reason'], 1024)) return 'reason: expected a text of at most 1024 characters'
  if (!isText(value['timestamp'], 64) || Number.isNaN(Date.parse(value['timestamp'] as string))) {
    return 'timestamp: expected a time in RFC 3339'
  }
  const { metadata = {} } = value
  if (!isObject(metadata) && metadata !== null) return 'metadata: expected a map of texts'
  const entries = Object.entries(metadata ?? {})
  if (entries.length > mostMetadata) return `metadata: expected at most ${mostMetadata} keys`
  if (!entries.every(([key, item]) => key.length <= 317 && isText(item, longestMessage))) {
    return 'metadata: expected a map of texts'
  }
  const text = (key: string) => (isText(value[key], 253) ? (value[key] as string) : '')
  const optional = (key: string) => (isText(about[key], 253) && about[key] !== '' ? { [key]: about[key] } : {})
  return {
    involvedObject: {
      apiVersion: about['apiVersion'] as string,
      kind: about['kind'] as string,
      namespace: about['namespace'] as string,
      name: about['name'] as string,
      ...optional('uid'),
      ...optional('resourceVersion'),
    },
    severity: value['severity'] as FluxEvent['severity'],
    timestamp: value['timestamp'] as string,
    message: value['message'] as string,
    reason: value['reason'] as string,
    ...(entries.length === 0 ? {} : { metadata: Object.fromEntries(entries) as Record<string, string> }),
    reportingController: text('reportingController'),
    reportingInstance: text('reportingInstance'),
  }
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && value.length <= most
}
