import { describe, expect, it } from 'vitest'
import type { KubeObject, ManagedFieldsEntry } from '../../object.ts'
import { builtinSchemas } from '../../schema/index.ts'
import type { Schema } from '../../schema/types.ts'
import { applyManaged } from './apply.ts'
import { conflictMessage } from './conflicts.ts'
import { lastAppliedAnnotation } from './last-applied.ts'
import { mainFields, statusFields } from './reset-fields.ts'
import { sameButTimes } from './times.ts'
import type { ApplyRequest, FieldConflict } from './types.ts'
import { updateManaged } from './update.ts'

const schemaOf = (group: string, kind: string): Schema => builtinSchemas().schemaFor({ group, version: 'v1', kind })!
const configMapSchema = schemaOf('', 'ConfigMap')
const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second))
const stamp = (second: number): string => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`

const configMap = (data?: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', ...metadata },
  ...(data === undefined ? {} : { data }),
})

/** One object and those who write to it, second by second. */
class Story {
  live: KubeObject | undefined
  #second = 0
  readonly #schema: Schema | undefined
  readonly #apiVersion: string

  constructor(schema: Schema | 'none' = configMapSchema, apiVersion = 'v1') {
    this.#schema = schema === 'none' ? undefined : schema
    this.#apiVersion = apiVersion
  }

  #facts(manager: string) {
    return { live: this.live, manager, schema: this.#schema, apiVersion: this.#apiVersion, time: at(this.#second++) }
  }

  apply(manager: string, applied: KubeObject, more: Partial<ApplyRequest> = {}): readonly FieldConflict[] {
    const before = JSON.stringify([this.live, applied])
    const request = { ...this.#facts(manager), applied, ...more }
    const { object, conflicts = [] } = applyManaged(request)
    expect(JSON.stringify([request.live, applied])).toBe(before)
    if (object) this.live = object
    return conflicts
  }

  update(manager: string, updated: KubeObject, more: Partial<ApplyRequest> = {}): void {
    const before = JSON.stringify([this.live, updated])
    const request = { ...this.#facts(manager), updated, ...more }
    this.live = updateManaged(request)
    expect(JSON.stringify([request.live, updated])).toBe(before)
  }

  get entries(): ManagedFieldsEntry[] {
    return this.live?.metadata.managedFields ?? []
  }

  get owned(): Record<string, unknown> {
    return Object.fromEntries(
      this.entries.map(({ manager, operation, subresource, fieldsV1 }) => [
        `${manager} ${operation}${subresource ? ` ${subresource}` : ''}`,
        fieldsV1,
      ]),
    )
  }
}

describe('an apply', () => {
  it('creates the object and owns what it names, without identity', () => {
    const story = new Story()
    story.apply('a', configMap({ x: '1' }, { namespace: 'n', labels: { l: '1' } }))
    expect(story.live!['data']).toEqual({ x: '1' })
    expect(story.entries).toEqual([
      {
        manager: 'a',
        operation: 'Apply',
        apiVersion: 'v1',
        time: stamp(0),
        fieldsType: 'FieldsV1',
        fieldsV1: { 'f:data': { 'f:x': {} }, 'f:metadata': { 'f:labels': { 'f:l': {} } } },
      },
    ])
    expect(Object.keys(story.entries[0]!)).toEqual([
      'manager',
      'operation',
      'apiVersion',
      'time',
      'fieldsType',
      'fieldsV1',
    ])
  })

  it('that changes nothing keeps its time, and the object is the same', () => {
    const story = new Story()
    story.apply('a', configMap({ x: '1' }))
    const before = story.live!
    story.apply('a', configMap({ x: '1' }))
    expect(story.live).toEqual(before)
    expect(sameButTimes(before, story.live!)).toBe(true)
    story.apply('a', configMap({ x: '2' }))
    expect(story.entries[0]!.time).toBe(stamp(2))
    expect(sameButTimes(before, story.live!)).toBe(false)
  })

  it('of the same value by another manager shares the field, without a time since nothing changed', () => {
    const story = new Story()
    story.apply('a', configMap({ x: '1' }))
    expect(story.apply('b', configMap({ x: '1' }))).toEqual([])
    expect(story.entries.map(({ manager, time }) => [manager, time])).toEqual([
      ['b', undefined],
      ['a', stamp(0)],
    ])
  })

  it('removes what it does not name any more, unless somebody else owns it', () => {
    const story = new Story()
    story.apply('a', configMap({ x: '1', y: '2', z: '3' }))
    story.apply('b', configMap({ y: '2' }))
    story.update('editor', { ...story.live!, data: { ...(story.live!['data'] as object), z: 'changed' } })
    story.apply('a', configMap({}))
    expect(story.live!['data']).toEqual({ y: '2', z: 'changed' })
    story.apply('b', configMap())
    expect(story.live!['data']).toEqual({ z: 'changed' })
    expect(Object.keys(story.owned)).toEqual(['a Apply', 'editor Update'])
  })

  it('stops at conflicts, in the words of Kubernetes, and changes nothing', () => {
    const story = new Story(schemaOf('apps', 'Deployment'), 'apps/v1')
    const deployment = (spec: unknown): KubeObject => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec,
    })
    story.update('creator', deployment({ replicas: 2, paused: true }))
    const one = story.apply('a', deployment({ replicas: 5 }))
    expect(conflictMessage(one)).toBe(
      'Apply failed with 1 conflict: conflict with "creator" using apps/v1: .spec.replicas',
    )
    expect(one).toEqual([
      {
        manager: 'creator',
        operation: 'Update',
        apiVersion: 'apps/v1',
        subresource: '',
        time: stamp(0),
        field: '.spec.replicas',
        message: 'conflict with "creator" using apps/v1',
      },
    ])
    story.apply('b', deployment({ replicas: 2 }))
    story.update('controller', { ...story.live!, status: { replicas: 1 } }, { subresource: 'status' })
    const more = story.apply('c', { ...deployment({ replicas: 5, paused: false }), status: { replicas: 3 } })
    expect(conflictMessage(more)).toBe(
      'Apply failed with 4 conflicts: conflicts with "b":\n- .spec.replicas\n' +
        'conflicts with "controller" with subresource "status" using apps/v1:\n- .status.replicas\n' +
        'conflicts with "creator" using apps/v1:\n- .spec.paused\n- .spec.replicas',
    )
    expect(story.live!['spec']).toEqual({ replicas: 2, paused: true })
  })

  it('takes fields by force', () => {
    const story = new Story()
    story.apply('a', configMap({ x: '1', y: '1' }))
    expect(story.apply('b', configMap({ x: '2' }), { force: true })).toEqual([])
    expect(story.owned).toEqual({ 'a Apply': { 'f:data': { 'f:y': {} } }, 'b Apply': { 'f:data': { 'f:x': {} } } })
  })

  it('by a manager that also updates has an entry of its own', () => {
    const story = new Story()
    story.apply('a', configMap({ x: '1' }))
    story.update('a', configMap({ x: '1', y: '1' }))
    story.apply('a', configMap({ x: '1', y: '1' }))
    expect(story.owned).toEqual({
      'a Apply': { 'f:data': { 'f:x': {}, 'f:y': {} } },
      'a Update': { 'f:data': { 'f:y': {} } },
    })
  })

  it('to an object that was never tracked counts its fields as older', () => {
    const story = new Story()
    story.live = configMap({ x: '1' })
    expect(story.apply('a', configMap({ x: '2' }))[0]!.message).toBe('conflict with "before-first-apply" using v1')
    story.apply('a', configMap({ y: '1' }))
    expect(story.owned).toEqual({
      'a Apply': { 'f:data': { 'f:y': {} } },
      'before-first-apply Update': { 'f:data': { '.': {}, 'f:x': {} } },
    })
  })

  it.each([
    ['E_APPLY_INVALID', { ...configMap({}), ghost: 1 }, '.ghost: field not declared in schema'],
    ['E_APPLY_REFUSED', { ...configMap({}), apiVersion: 'v2' }, 'Incorrect version specified in apply patch'],
    ['E_APPLY_REFUSED', configMap({}, { managedFields: [] }), 'metadata.managedFields must be nil'],
  ])('is refused with %s', (code, applied, text) => {
    const story = new Story()
    expect(() => story.apply('a', applied)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(text) }),
    )
  })

  it('through an endpoint owns nothing of what the endpoint does not write', () => {
    const story = new Story('none')
    const object = { ...configMap({ x: '1' }, { labels: { l: '1' } }), spec: { a: 1 }, status: { b: 1 } }
    story.apply('main', object, { resetFields: mainFields })
    story.apply('status', object, { resetFields: statusFields, subresource: 'status' })
    expect(Object.keys(story.owned['main Apply'] as object)).toEqual(['f:data', 'f:metadata', 'f:spec'])
    expect(Object.keys(story.owned['status Apply status'] as object)).toEqual(['f:data', 'f:status'])
  })
})

describe('kubectl apply --server-side', () => {
  const annotated = (data: Record<string, string>): KubeObject =>
    configMap(data, { annotations: { [lastAppliedAnnotation]: JSON.stringify(configMap(data)) } })

  it('takes over what kubectl apply wrote, and keeps its annotation in step', () => {
    const story = new Story()
    story.update('kubectl-client-side-apply', annotated({ x: '1', y: '1' }))
    expect(story.apply('kubectl', configMap({ x: '2', y: '1' }))).toEqual([])
    expect(story.live!['data']).toEqual({ x: '2', y: '1' })
    expect(story.live!.metadata.annotations![lastAppliedAnnotation]).toBe(
      '{"apiVersion":"v1","data":{"x":"2","y":"1"},"kind":"ConfigMap","metadata":{"name":"a"}}\n',
    )
  })

  it('still conflicts where the field was changed since, and for other managers', () => {
    const story = new Story()
    story.update('kubectl-client-side-apply', annotated({ x: '1', y: '1' }))
    expect(story.apply('flux', configMap({ x: '2' }))).toHaveLength(1)
    story.update('editor', { ...story.live!, data: { x: '1', y: 'edited' } })
    const conflicts = story.apply('kubectl', configMap({ x: '2', y: '2' }))
    expect(conflicts.map(({ manager, field }) => [manager, field])).toEqual([['editor', '.data.y']])
  })

  it('drops an annotation that would make the annotations too large', () => {
    const story = new Story()
    story.update('kubectl-client-side-apply', annotated({ x: '1' }))
    story.apply('kubectl', configMap({ x: 'x'.repeat(300 * 1024) }))
    expect(story.live!.metadata.annotations).toEqual({})
  })
})

describe('an update', () => {
  it('owns what it adds and changes, and takes it from others', () => {
    const story = new Story()
    story.update('a', configMap({ x: '1', y: '1' }))
    story.update('b', configMap({ x: '2', y: '1' }))
    story.update('c', configMap({ x: '2' }))
    expect(story.owned).toEqual({ 'a Update': { 'f:data': {} }, 'b Update': { 'f:data': { 'f:x': {} } } })
    expect(story.entries.map(({ time }) => time)).toEqual([stamp(0), stamp(1)])
  })

  it('of the same manager, version and subresource grows one entry and moves its time', () => {
    const story = new Story()
    story.update('a', configMap({ x: '1' }))
    story.update('a', configMap({ x: '1', y: '1' }))
    story.update('a', configMap({ x: '1', y: '1' }))
    story.update('a', { ...configMap({ x: '1', y: '1' }), immutable: true }, { subresource: 'status' })
    expect(story.entries.map(({ subresource, time }) => [subresource, time])).toEqual([
      [undefined, stamp(1)],
      ['status', stamp(3)],
    ])
  })

  it('of nothing but identity and server fields leaves no trace', () => {
    const story = new Story()
    story.update('a', configMap({ x: '1' }))
    story.update('b', configMap({ x: '1' }, { resourceVersion: '5', generation: 2, uid: 'u', selfLink: '/' }))
    expect(Object.keys(story.owned)).toEqual(['a Update'])
  })

  it('without a manager is unknown', () => {
    const story = new Story()
    story.update('', configMap({ x: '1' }))
    expect(story.entries[0]!.manager).toBe('unknown')
  })

  it('keeps the entries when a client leaves them out or sends broken ones', () => {
    const story = new Story()
    story.apply('a', configMap({ x: '1' }))
    const broken = [
      undefined,
      [{ manager: 'm', operation: 'Steal', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }],
      [{ manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'Wrong', fieldsV1: {} }],
      [{ manager: 'm', operation: 'Apply', fieldsType: 'FieldsV1', fieldsV1: {} }],
      [{ manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { bad: {} } }],
    ]
    for (const managedFields of broken) {
      story.update('b', configMap({ x: '1' }, { managedFields }))
      expect(story.owned).toEqual({ 'a Apply': { 'f:data': { 'f:x': {} } } })
    }
  })

  it('can set the entries, and reset them with an empty list or entry', () => {
    const entry = {
      manager: 'm',
      operation: 'Apply',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:data': {} },
    }
    for (const reset of [[], [{}]]) {
      const story = new Story()
      story.apply('a', configMap({ x: '1' }))
      story.update('b', configMap({ x: '1' }, { managedFields: [entry] }))
      expect(Object.keys(story.owned)).toEqual(['m Apply'])
      story.update('b', configMap({ x: '1' }, { managedFields: [entry] }), { subresource: 'status' })
      story.update('b', configMap({ x: '2' }, { managedFields: reset }))
      expect(story.live!.metadata).not.toHaveProperty('managedFields')
      story.update('b', configMap({ x: '3' }))
      expect(story.live!.metadata).not.toHaveProperty('managedFields')
    }
  })

  it('merges the oldest updaters of a version beyond ten', () => {
    const story = new Story()
    story.apply('applier', configMap({ keep: '1' }))
    const data: Record<string, string> = { keep: '1' }
    for (let i = 0; i < 14; i++) {
      data[`k${i}`] = '1'
      story.update(`m${String(i).padStart(2, '0')}`, configMap({ ...data }))
    }
    const updaters = story.entries.filter(({ operation }) => operation === 'Update')
    expect(updaters).toHaveLength(10)
    expect(updaters[0]).toMatchObject({ manager: 'ancient-changes', time: stamp(5) })
    expect(updaters[0]!.fieldsV1).toEqual({ 'f:data': { 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {}, 'f:k4': {} } })
    expect(updaters.at(-1)!.manager).toBe('m13')
    expect(story.owned['applier Apply']).toEqual({ 'f:data': { 'f:keep': {} } })
  })

  it('never fails, whatever the object is', () => {
    const odd = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', ownerReferences: [null, 1] },
      data: ['x'],
      ghost: { a: 1 },
    }
    const story = new Story()
    story.update('a', odd as unknown as KubeObject)
    story.update('a', configMap({ x: '1' }))
    expect(story.owned['a Update']).toEqual({ 'f:data': { '.': {}, 'f:x': {} } })
  })
})

describe('entries', () => {
  it('stand in the order of Kubernetes: appliers, then by time, name, version and subresource', () => {
    const story = new Story()
    story.update('z', configMap({ a: '1' }))
    story.live!.metadata.managedFields![0]!.time = stamp(9)
    story.apply('y', configMap({ b: '1' }))
    story.apply('x', configMap({ c: '1' }))
    story.update('w', { ...story.live!, data: { ...(story.live!['data'] as object), d: '1' } })
    expect(story.entries.map(({ manager }) => manager)).toEqual(['y', 'x', 'w', 'z'])
  })
})
