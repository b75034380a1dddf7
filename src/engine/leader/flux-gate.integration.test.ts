import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { handedOverAnnotation } from '../../kube/flux-controllers.ts'
import { startCluster } from '../../sandbox/cluster/start.ts'
import { startForge } from '../../sandbox/forge/index.ts'
import { configMap, World } from '../testing/world.ts'

let world: World
beforeEach(async () => {
  world = await World.open({ startCluster, startForge }, { 'app/a.yaml': configMap('a') })
})
afterEach(() => world.close())

/** A controller as `flux install` makes it, as far as it counts here. */
const controller = (name: string, { replicas = 1, namespace = 'apps', partOf = 'flux' } = {}) =>
  world.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': partOf } },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'manager', image: 'x' }] } },
    },
  })
const ref = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'apps', name: 'kustomize-controller' }
const annotate = (value: string | null) =>
  world.client.patch(ref, 'merge', { metadata: { annotations: { [handedOverAnnotation]: value } } })
const holder = async () => {
  const lease = await world.find('Lease', 'sluice-engine', 'kube-system')
  return (lease?.['spec'] as { holderIdentity?: string } | undefined)?.holderIdentity ?? ''
}
const yields = () => world.until('Lease', 'sluice-engine', object => holderIn(object) === '', inSystem)
const acts = () => world.until('Lease', 'sluice-engine', object => holderIn(object) !== '', inSystem)
const inSystem = { namespace: 'kube-system', ms: 20_000 }
const holderIn = (object: unknown) =>
  (object as { spec?: { holderIdentity?: string } } | undefined)?.spec?.holderIdentity ?? ''

describe('while real Flux is installed', () => {
  test('an engine that acts stops, gives its Lease back and writes nothing, and goes on when Flux has gone', async () => {
    await world.start()
    await world.source()
    await world.kustomization('app')
    await world.ready('app')
    await controller('kustomize-controller')
    await yields()
    const before = world.calls.length
    await world.commit({ 'app/b.yaml': configMap('b') })
    await world.kustomization('other')
    await new Promise(resolve => setTimeout(resolve, 1000))
    const reads = ['get', 'list']
    expect(world.calls.slice(before).filter(call => !reads.includes(call.verb))).toEqual([])
    expect(world.events.map(event => event.reason)).toContain('EngineYielded')
    expect(world.events.map(event => event.reason)).not.toContain('LeaderLost')
    await world.client.delete(ref)
    await acts()
    await world.until('ConfigMap', 'b', object => object !== undefined, { ms: 20_000 })
  })

  test('an engine does not begin to act, also when Flux is at rest, until it was handed over', async () => {
    await controller('kustomize-controller', { replicas: 0 })
    const starting = world.start()
    await new Promise(resolve => setTimeout(resolve, 500))
    expect(await holder()).toBe('')
    const [why] = world.events.filter(event => event.reason === 'EngineYielded')
    expect(why?.message).toContain('Deployment/apps/kustomize-controller has 0 replicas) and was not handed over')
    expect(why?.message).toContain('`sluice engine switch`')
    await annotate('sluice')
    await starting
    await acts()
    // Scaled up again, it counts again, whatever the annotation says.
    await world.client.patch(ref, 'merge', { spec: { replicas: 1 } })
    await yields()
  })

  test('only the controllers that serve the same objects count, wherever they are', async () => {
    await controller('kustomize-controller', { partOf: 'something-else' })
    await controller('image-reflector-controller')
    await world.start()
    expect(await holder()).not.toBe('')
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'gitops' } })
    await controller('helm-controller', { namespace: 'gitops' })
    await yields()
  })
})
