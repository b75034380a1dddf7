import { describe, expect, it } from 'vitest'
import { builtinSchemas } from '../../schema/index.ts'
import { applyStrategicMergePatch } from './index.ts'

const podSpec = builtinSchemas().schemaFor({ group: '', version: 'v1', kind: 'Pod' })!
const deployment = builtinSchemas().schemaFor({ group: 'apps', version: 'v1', kind: 'Deployment' })!
const live = {
  metadata: { labels: { a: '1' }, finalizers: ['x/a', 'x/b'] },
  spec: {
    containers: [
      { name: 'app', image: 'a:1', ports: [{ containerPort: 80 }, { containerPort: 443 }], args: ['1'] },
      { name: 'side', image: 's:1' },
    ],
    volumes: [{ name: 'cfg', configMap: { name: 'c' } }],
    tolerations: [{ key: 'k' }],
  },
}
type Live = typeof live
const patch = (change: unknown): Live => applyStrategicMergePatch(live, change, podSpec) as Live
const names = (change: unknown): string[] => patch({ spec: change }).spec.containers.map(one => one.name)

function messageOf(change: unknown): unknown {
  try {
    patch(change)
  } catch (error) {
    return (error as { facts: { details: { status: number; message: string } } }).facts.details
  }
  return undefined
}

describe('a strategic merge patch', () => {
  it('merges elements by their key and leaves the rest alone', () => {
    const out = patch({ spec: { containers: [{ name: 'side', image: 's:2' }] } })
    expect(out.spec.containers).toEqual([live.spec.containers[0], { name: 'side', image: 's:2' }])
    expect(out.spec.volumes).toBe(live.spec.volumes)
    expect(live.spec.containers[1]).toEqual({ name: 'side', image: 's:1' })
  })

  it('puts new elements first, and the others after them as they stood', () => {
    expect(names({ containers: [{ name: 'new' }] })).toEqual(['new', 'app', 'side'])
    expect(names({ containers: [{ name: 'side' }, { name: 'new' }] })).toEqual(['app', 'side', 'new'])
    expect(patch({ metadata: { finalizers: ['x/c', 'x/a'] } }).metadata.finalizers).toEqual(['x/c', 'x/a', 'x/b'])
  })

  it('replaces lists that do not merge, and removes what is null', () => {
    expect(patch({ spec: { tolerations: [{ key: 'z' }] } }).spec.tolerations).toEqual([{ key: 'z' }])
    expect(patch({ spec: { containers: [{ name: 'app', args: ['2'] }] } }).spec.containers[0]!.args).toEqual(['2'])
    expect(patch({ spec: { volumes: null } }).spec).not.toHaveProperty('volumes')
  })

  it('deletes and replaces elements', () => {
    expect(names({ containers: [{ name: 'app', $patch: 'delete' }] })).toEqual(['side'])
    expect(names({ containers: [{ $patch: 'replace' }, { name: 'only' }] })).toEqual(['only'])
    expect(names({ containers: [{ name: 'none', $patch: 'delete' }] })).toEqual(['app', 'side'])
  })

  it('replaces and empties maps; a directive with nothing to work on leaves nothing', () => {
    expect(patch({ metadata: { labels: { $patch: 'replace', b: '2' } } }).metadata.labels).toEqual({ b: '2' })
    expect(patch({ metadata: { labels: { $patch: 'delete' } } }).metadata.labels).toEqual({})
    expect(patch({ metadata: { annotations: { $patch: 'replace', b: '2' } } }).metadata).not.toHaveProperty(
      'annotations',
    )
  })

  it('takes over what is new without its nulls and directives', () => {
    const out = patch({ spec: { containers: [{ name: 'new', env: [{ name: 'gone', $patch: 'delete' }], tty: null }] } })
    expect(out.spec.containers[0]).toEqual({ name: 'new', env: [] })
    expect(patch({ spec: { affinity: { podAffinity: null, $retainKeys: ['podAffinity'] } } }).spec).toHaveProperty(
      'affinity',
      {},
    )
  })

  it('keeps only the retained keys of a union', () => {
    const out = patch({
      spec: { volumes: [{ name: 'cfg', $retainKeys: ['name', 'secret'], secret: { secretName: 's' } }] },
    })
    expect(out.spec.volumes).toEqual([{ name: 'cfg', secret: { secretName: 's' } }])
    const strategy = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } }
    const recreate = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }
    expect(applyStrategicMergePatch(strategy, recreate, deployment)).toEqual({
      spec: { strategy: { type: 'Recreate' } },
    })
  })

  it('takes scalars out of lists', () => {
    expect(patch({ metadata: { '$deleteFromPrimitiveList/finalizers': ['x/a', 'none'] } }).metadata.finalizers).toEqual(
      ['x/b'],
    )
    expect(patch({ metadata: { '$deleteFromPrimitiveList/none': ['x'] } }).metadata).not.toHaveProperty('none')
  })

  it('orders elements as it is told', () => {
    const order = { '$setElementOrder/containers': [{ name: 'side' }, { name: 'new' }, { name: 'app' }] }
    expect(names({ ...order, containers: [{ name: 'side', image: 's:3' }, { name: 'new' }] })).toEqual([
      'side',
      'new',
      'app',
    ])
    expect(names({ '$setElementOrder/containers': [{ name: 'side' }, { name: 'app' }] })).toEqual(['side', 'app'])
    expect(patch({ metadata: { '$setElementOrder/finalizers': ['x/b', 'x/a'] } }).metadata.finalizers).toEqual([
      'x/b',
      'x/a',
    ])
    const added = {
      spec: {
        '$setElementOrder/imagePullSecrets': [{ name: 'b' }, { name: 'a' }],
        imagePullSecrets: [{ name: 'b' }, { name: 'a' }],
      },
    }
    expect(patch(added).spec).toHaveProperty('imagePullSecrets', [{ name: 'b' }, { name: 'a' }])
  })

  it('without a schema replaces every list', () => {
    expect(applyStrategicMergePatch({ l: [{ name: 'a' }] }, { l: [{ name: 'b' }] }, undefined)).toEqual({
      l: [{ name: 'b' }],
    })
  })

  it('never reaches a prototype', () => {
    const out = applyStrategicMergePatch({}, JSON.parse('{"__proto__": {"polluted": true}}'), podSpec) as object
    expect(Object.keys(out)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it.each([
    [
      { spec: { containers: [{ name: 'app', $patch: 'explode' }] } },
      500,
      'unknown patch type: explode in map: map[$patch:explode name:app]',
    ],
    [{ metadata: { labels: { $patch: 'x' } } }, 500, 'unknown patch type: x in map: map[$patch:x]'],
    [
      { spec: { containers: [{ name: 'app', $patch: 'merge' }] } },
      500,
      'merging lists cannot yet be specified in the patch',
    ],
    [{ spec: { containers: [{ image: 'x' }] } }, 500, 'map: map[image:x] does not contain declared merge key: name'],
    [{ spec: { containers: ['x'] } }, 500, 'list element types are not identical'],
    [
      { spec: { volumes: [{ name: 'cfg', $retainKeys: ['name'], secret: {} }] } },
      400,
      'invalid patch format of retainKeys',
    ],
    [{ metadata: { $deleteFromPrimitiveList: [] } }, 400, 'invalid patch format of primitive list'],
    [
      { spec: { containers: [{ name: 'app', image: 'a:3' }], '$setElementOrder/containers': [{ name: 'side' }] } },
      500,
      "The order in patch list:\n[map[image:a:3 name:app]]\n doesn't match $setElementOrder list:\n[map[name:side]]\n",
    ],
  ])('refuses %j as Kubernetes does', (change, status, message) => {
    expect(messageOf(change)).toMatchObject({ status, message: expect.stringContaining(message) })
  })
})
