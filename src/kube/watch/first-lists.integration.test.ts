import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createKubeClient, fixedCredentials, type KubeClient } from '../client/index.ts'
import { createInformer, firstLists } from './index.ts'

const configMap = { group: '', version: 'v1', kind: 'ConfigMap' }
const signal = new AbortController().signal
let server: Server
let client: KubeClient
afterEach(async () => {
  await client.close()
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})

/** A server that knows ConfigMaps, perhaps, and answers each list in its own way. */
async function serving(knows: boolean, list: { status: number; body: unknown }): Promise<void> {
  const resources = knows
    ? [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true, singularName: 'configmap', verbs: ['list', 'watch'] }]
    : []
  server = createServer((request, response) => {
    const isList = request.url?.startsWith('/api/v1/configmaps') === true
    const path = request.url?.split('?')[0] ?? ''
    const documents: Record<string, unknown> = {
      '/api': { kind: 'APIVersions', versions: ['v1'] },
      '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
      '/api/v1': { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: 'v1', resources },
    }
    const { status, body } = isList ? list : { status: 200, body: documents[path] ?? {} }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const access = { name: 'x', server: url, namespace: 'default', tls: { insecure: false } }
  client = createKubeClient({ ...access, credentials: fixedCredentials({}) }, { userAgent: 'test' })
}

const refusal = (code: number, reason: string) => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: `it is ${reason}` },
})

describe('first lists', () => {
  it.each([
    ['a right that is missing', true, refusal(403, 'Forbidden'), 'E_KUBE_FORBIDDEN'],
    ['a credential that is refused', true, refusal(401, 'Unauthorized'), 'E_KUBE_UNAUTHORIZED'],
    ['a kind that is missing', false, refusal(404, 'NotFound'), 'E_KUBE_KIND_UNKNOWN'],
    ['a server that stays broken', true, refusal(500, 'InternalError'), 'E_KUBE_SERVER'],
  ])('%s ends the wait with the words of the server', async (_, knows, list, code) => {
    await serving(knows, list)
    const informer = createInformer(client, configMap)
    const waiting = firstLists(client, [[configMap, informer]], { signal, lookMs: 20, patienceMs: 100 })
    await expect(waiting).rejects.toMatchObject({ code })
    informer.stop()
  })

  it('are there once the server has answered', async () => {
    const metadata = { resourceVersion: '1' }
    await serving(true, { status: 200, body: { kind: 'ConfigMapList', apiVersion: 'v1', metadata, items: [] } })
    const informer = createInformer(client, configMap)
    await firstLists(client, [[configMap, informer]], { signal })
    expect(informer.hasSynced).toBe(true)
    informer.stop()
  })
})
