import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type SandboxCluster, startCluster } from './start.ts'
import { TestClient } from './testing/http-client.ts'

let cluster: SandboxCluster
let client: TestClient
const maps = '/api/v1/namespaces/default/configmaps'
const seen: string[] = []

beforeAll(async () => {
  cluster = await startCluster({
    admission: [
      {
        name: 'colors.example.com',
        handles: gvk => gvk.kind === 'ConfigMap',
        async review({ operation, object, oldObject, dryRun, user }) {
          seen.push(`${operation} ${object?.metadata.name ?? oldObject?.metadata.name} ${dryRun} ${user}`)
          const color = (object?.['data'] as Record<string, string> | undefined)?.['color']
          if (operation === 'DELETE' && oldObject?.metadata.labels?.['keep'] === 'yes')
            return { denied: 'it is to be kept' }
          if (color === 'red') {
            return {
              fieldErrors: [{ type: 'FieldValueInvalid', field: 'data.color', value: color, detail: 'is too loud' }],
            }
          }
          return color === 'grey' ? { warnings: ['grey is dull'] } : {}
        },
      },
    ],
  })
  client = new TestClient(cluster)
})

afterAll(async () => {
  client.close()
  await cluster.close()
})

const configMap = (name: string, color: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, labels },
  data: { color },
})

describe('an admission plugin of the process', () => {
  it('refuses a create, an update, a patch and an apply with causes', async () => {
    const made = await client.ask({ method: 'POST', path: maps, body: configMap('a', 'red') })
    expect(made.status).toBe(422)
    expect(made.json()).toMatchObject({
      message: 'ConfigMap "a" is invalid: data.color: Invalid value: "red": is too loud',
      details: { causes: [{ reason: 'FieldValueInvalid', field: 'data.color' }] },
    })
    expect((await client.ask({ method: 'POST', path: maps, body: configMap('a', 'blue') })).status).toBe(201)
    expect((await client.ask({ method: 'PUT', path: `${maps}/a`, body: configMap('a', 'red') })).status).toBe(422)
    const headers = { 'content-type': 'application/merge-patch+json' }
    expect(
      (await client.ask({ method: 'PATCH', path: `${maps}/a`, headers, body: { data: { color: 'red' } } })).status,
    ).toBe(422)
    const apply = { 'content-type': 'application/apply-patch+yaml' }
    const path = `${maps}/a?fieldManager=me&force=true&dryRun=All`
    expect((await client.ask({ method: 'PATCH', path, headers: apply, body: configMap('a', 'red') })).status).toBe(422)
    expect(seen.some(line => line === 'UPDATE a true sluice-admin')).toBe(true)
  })

  it('sends warnings and refuses deletions', async () => {
    const made = await client.ask({ method: 'POST', path: maps, body: configMap('b', 'grey', { keep: 'yes' }) })
    expect(made.headers['warning']).toBe('299 - "grey is dull"')
    const gone = await client.ask({ method: 'DELETE', path: `${maps}/b` })
    expect(gone.status).toBe(403)
    expect(gone.json()).toMatchObject({
      message: 'admission webhook "colors.example.com" denied the request: it is to be kept',
    })
  })
})

describe('rights', () => {
  it('let a service account do what its roles say, and an impersonator only what the other one may', async () => {
    const account = '/api/v1/namespaces/default/serviceaccounts'
    await client.ask({ method: 'POST', path: account, body: { metadata: { name: 'bot' } } })
    const issued = await client.ask({ method: 'POST', path: `${account}/bot/token`, body: { spec: {} } })
    const { status } = issued.json<{ status: { token: string } }>()
    const headers = { authorization: `Bearer ${status.token}` }
    expect((await client.ask({ path: maps, headers })).status).toBe(403)
    const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/default'
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }]
    await client.ask({ method: 'POST', path: `${rbac}/roles`, body: { metadata: { name: 'reader' }, rules } })
    const binding = {
      metadata: { name: 'reader' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
      subjects: [{ kind: 'ServiceAccount', name: 'bot', namespace: 'default' }],
    }
    await client.ask({ method: 'POST', path: `${rbac}/rolebindings`, body: binding })
    expect((await client.ask({ path: maps, headers })).status).toBe(200)
    expect((await client.ask({ path: `${maps}/a`, headers })).status).toBe(403)
    expect((await client.ask({ path: '/api/v1/configmaps', headers })).status).toBe(403)
    const asBot = { 'impersonate-user': 'system:serviceaccount:default:bot' }
    expect((await client.ask({ path: maps, headers: asBot })).status).toBe(200)
    expect((await client.ask({ path: '/api/v1/secrets', headers: asBot })).status).toBe(403)
    expect((await client.ask({ path: maps, headers: { ...headers, 'impersonate-user': 'sluice-admin' } })).status).toBe(
      403,
    )
    await client.ask({ method: 'DELETE', path: `${account}/bot` })
    expect((await client.ask({ path: maps, headers })).status).toBe(401)
  })
})
