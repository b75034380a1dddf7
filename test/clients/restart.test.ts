import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createKubeClient, type KubeClient, loadKubeConfig } from '../../src/kube/client/index.ts'
import { createInformer } from '../../src/kube/watch/index.ts'
import { kubectls } from './binaries.ts'
import { ClusterProcess } from './cluster-process.ts'
import { deployment } from './manifests.ts'
import { Tool } from './tool.ts'

const configMap = { apiVersion: 'v1', kind: 'ConfigMap' }

describe.skipIf(kubectls.length === 0)('a client that stays while the server is restarted', () => {
  const server = new ClusterProcess('--no-controllers')
  let client: KubeClient
  beforeAll(async () => {
    await server.start()
    client = createKubeClient(await loadKubeConfig({ path: server.kubeconfig, env: {} }), { userAgent: 'test/1' })
  })
  afterAll(async () => {
    await client.close()
    await server.close()
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'sees every change once over restarts by %s, without listing anew',
    async signal => {
      const prefix = signal.toLowerCase()
      const listings: string[] = []
      const informer = createInformer(client, configMap, { onTransition: state => listings.push(state) })
      await informer.synced
      const seen: string[] = []
      informer.subscribe(({ type, object }) => seen.push(`${type} ${object.metadata.name}`))
      const expected: string[] = []
      for (let round = 0; round < 3; round++) {
        const name = `${prefix}-${round}`
        await client.create({ ...configMap, metadata: { name, namespace: 'default' } }, {})
        expected.push(`added ${name}`)
        await server.stop(signal)
        await server.start()
      }
      await expect.poll(() => seen, { timeout: 20_000 }).toEqual(expected)
      // A restart forgets the past, so a watch may have to list once for each; never more.
      expect(listings.filter(state => state === 'listing').length).toBeLessThanOrEqual(4)
      informer.stop()
    },
  )

  it.each(kubectls)('$name follows a rollout over a restart', async ({ name, path }) => {
    const kubectl = new Tool(path, `${server.dir}/${name.replace(/\W+/g, '-')}`, server.kubeconfig, 'default')
    const web = `web-${kubectls.findIndex(one => one.name === name)}`
    const status = (updated: number) =>
      JSON.stringify({
        status: {
          observedGeneration: 1,
          replicas: 2,
          updatedReplicas: updated,
          availableReplicas: updated,
          readyReplicas: updated,
        },
      })
    const patch = (updated: number) =>
      kubectl.ok('patch', `deployment/${web}`, '--subresource=status', '--type=merge', '-p', status(updated))
    await kubectl.ok('apply', '-f', kubectl.file('d.yaml', deployment(web, 'web:1')))
    await patch(1)
    const follow = kubectl.start('rollout', 'status', `deployment/${web}`, '--timeout=50s')
    await follow.until(/1 out of 2 new replicas have been updated/)
    await server.stop('SIGKILL')
    await server.start()
    await patch(2)
    await follow.until(/successfully rolled out/)
    await follow.stop()
  })
})
