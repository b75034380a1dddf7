import { describe, expect, test } from 'vitest'
import { formatFieldError } from '../../../kube/field-error-format.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { cronProblem } from './cron-schedule.ts'
import { builtinStrategy } from './index.ts'
import { jsonProblem } from './json-problem.ts'
import { base64Problem } from './secret.ts'

/** An object as it is after its creation. */
function created(group: string, kind: string, fields: Record<string, unknown>, uid = 'u'): KubeObject {
  const strategy = builtinStrategy(group, kind)!
  const apiVersion = group === '' ? 'v1' : `${group}/v1`
  const object: KubeObject = {
    apiVersion,
    kind,
    metadata: { name: 'a', namespace: 'n', uid },
    ...structuredClone(fields),
  }
  strategy.applyDefaults?.(object, 'v1')
  strategy.prepareCreate?.(object)
  expect(strategy.validateCreate?.(object) ?? []).toEqual([])
  return object
}

/** The errors of an update that sets the values at some paths. */
function updated(group: string, kind: string, old: KubeObject, changes: Record<string, unknown>): string[] {
  const strategy = builtinStrategy(group, kind)!
  const next = structuredClone(old)
  for (const [path, value] of Object.entries(changes)) {
    const steps = path.split('.')
    let here = next as Record<string, unknown>
    for (const step of steps.slice(0, -1)) here = here[step] as Record<string, unknown>
    here[steps.at(-1)!] = value
  }
  strategy.applyDefaults?.(next, 'v1')
  strategy.prepareUpdate?.(next, old)
  return (strategy.validateUpdate?.(next, old) ?? []).map(formatFieldError)
}

const containers = [{ name: 'c', image: 'i:1' }]
const template = { metadata: { labels: { app: 'a' } }, spec: { containers } }
const workload = { spec: { selector: { matchLabels: { app: 'a' } }, template } }

describe('what may not change', () => {
  test('the selector of a workload', () => {
    const set = created('apps', 'DaemonSet', workload)
    const changes = { 'spec.selector.matchLabels.b': 'c', 'spec.template.metadata.labels.b': 'c' }
    expect(updated('apps', 'DaemonSet', set, changes)).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"a","b":"c"}}: field is immutable',
    ])
  })

  test('the template of a job, but where a suspended one will run', () => {
    const spec = { suspend: true, template: { spec: { restartPolicy: 'Never', containers } } }
    const job = created('batch', 'Job', { spec })
    expect(updated('batch', 'Job', job, { 'spec.template.spec.containers.0.image': 'x' })[0]).toMatch(
      /^spec.template: Invalid value: .*: field is immutable$/,
    )
    expect(updated('batch', 'Job', job, { 'spec.template.spec.nodeSelector': { a: 'b' } })).toEqual([])
  })

  test('most of a pod', () => {
    const pod = created('', 'Pod', { spec: { containers } })
    const tolerations = [...(pod['spec'] as { tolerations: unknown[] }).tolerations, { key: 'k', operator: 'Exists' }]
    expect(updated('', 'Pod', pod, { 'spec.containers.0.image': 'x:2' })).toEqual([])
    expect(updated('', 'Pod', pod, { 'spec.tolerations': tolerations })).toEqual([])
    expect(updated('', 'Pod', pod, { 'spec.hostname': 'other' })[0]).toMatch(
      /^spec: Forbidden: pod updates may not change/,
    )
  })

  test('the address of a service, which is kept when it is left out', () => {
    const service = created('', 'Service', { spec: { ports: [{ port: 80 }] } })
    const changes = { 'spec.clusterIP': '10.0.0.9', 'spec.clusterIPs': ['10.0.0.9'] }
    expect(updated('', 'Service', service, changes)).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.9"]: may not change once set',
    ])
    const next = structuredClone(service)
    next['spec'] = { ports: [{ port: 81, protocol: 'TCP', targetPort: 81 }], type: 'ClusterIP' }
    builtinStrategy('', 'Service')!.prepareUpdate!(next, service)
    const address = (object: KubeObject): unknown => (object['spec'] as { clusterIP: string }).clusterIP
    expect(address(next)).toBe(address(service))
  })

  test('the type of a secret', () => {
    const secret = created('', 'Secret', { data: { a: 'YQ==' } })
    expect(updated('', 'Secret', secret, { type: 'other' })).toEqual([
      'type: Invalid value: "other": field is immutable',
    ])
  })

  test('a claim, but for what it asks for', () => {
    const claim = created('', 'PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    })
    const kind = 'PersistentVolumeClaim'
    expect(updated('', kind, claim, { 'spec.resources.requests.storage': '2Gi' })).toEqual([])
    expect(updated('', kind, claim, { 'spec.accessModes': ['ReadWriteMany'] })[0]).toMatch(/^spec: Forbidden/)
  })

  test('the status, through the main path', () => {
    const deployment = created('apps', 'Deployment', workload)
    const next = structuredClone(deployment)
    next['status'] = { replicas: 9 }
    builtinStrategy('apps', 'Deployment')!.prepareUpdate!(next, deployment)
    expect(next['status']).toEqual({})
  })
})

describe('services', () => {
  test('different services get different addresses, and node ports where they want them', () => {
    const addresses = new Set<unknown>()
    for (let i = 0; i < 100; i++) {
      const { spec } = created(
        '',
        'Service',
        { spec: { type: 'NodePort', ports: [{ port: 80 }] } },
        `u${i}`,
      ) as unknown as {
        spec: { clusterIP: string; ports: { nodePort: number }[] }
      }
      addresses.add(spec.clusterIP)
      expect(spec.ports[0]!.nodePort).toBeGreaterThanOrEqual(30000)
      expect(spec.ports[0]!.nodePort).toBeLessThanOrEqual(32767)
    }
    expect(addresses.size).toBe(100)
  })
})

test.each([
  ['*/5 * * * *', undefined],
  ['0 0 1 jan sun', undefined],
  ['@daily', undefined],
  ['TZ=Europe/Berlin 0 0 * * *', undefined],
  ['every day', 'expected exactly 5 fields, found 2: [every day]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
  ['@often', 'unrecognized descriptor: @often'],
])('the schedule %j: %s', (schedule, problem) => expect(cronProblem(schedule)).toBe(problem))

test.each([
  ['{}', undefined],
  ['notjson', "invalid character 'o' in literal null (expecting 'u')"],
  ['[]', 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
  ['', 'unexpected end of JSON input'],
  ['xyz', "invalid character 'x' looking for beginning of value"],
])('the JSON text %j: %s', (text, problem) => expect(jsonProblem(text)).toBe(problem))

test('values that are not base64 are told by their first bad byte', () => {
  expect(base64Problem({ a: '%%%' })).toBe('illegal base64 data at input byte 0')
  expect(base64Problem({ a: 'YQ==' })).toBeUndefined()
})
