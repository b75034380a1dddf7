import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type SandboxCluster, startCluster } from '../start.ts'
import { TestClient } from '../testing/http-client.ts'

let cluster: SandboxCluster
let client: TestClient
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const limits = '/apis/example.com/v1/namespaces/default/limits'

const definition = (rules: readonly unknown[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'limits.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'limits', kind: 'Limit' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', 'x-kubernetes-validations': rules },
                  note: { type: 'string', pattern: '^(a+)+$' },
                },
              },
            },
          },
        },
      },
    ],
  },
})
const object = (spec: Record<string, unknown>) => ({
  apiVersion: 'example.com/v1',
  kind: 'Limit',
  metadata: { name: 'a' },
  spec,
})
const merge = (path: string, body: unknown) =>
  client.ask({ method: 'PATCH', path, body, headers: { 'content-type': 'application/merge-patch+json' } })

beforeAll(async () => {
  cluster = await startCluster()
  client = new TestClient(cluster)
  await client.ask({ method: 'POST', path: definitions, body: definition([]) })
  await vi.waitFor(async () => expect((await client.ask({ path: limits })).status).toBe(200), { timeout: 5000 })
})

afterAll(async () => {
  client.close()
  await cluster.close()
})

describe('a rule that came after the object', () => {
  it('warns of what is wrong and was wrong before, and refuses what becomes wrong', async () => {
    expect((await client.ask({ method: 'POST', path: limits, body: object({ size: 50 }) })).status).toBe(201)
    const rules = [{ rule: 'self <= 10', message: 'is too large' }]
    await merge(`${definitions}/limits.example.com`, { spec: definition(rules).spec })
    const kept = await merge(`${limits}/a`, { spec: { note: 'a' } })
    expect(kept.status).toBe(200)
    expect(kept.headers['warning']).toBe('299 - "spec.size: Invalid value: 50: is too large"')
    const wrong = await merge(`${limits}/a`, { spec: { size: 60 } })
    expect([wrong.status, wrong.headers['warning']]).toEqual([422, undefined])
  })
})

describe('a pattern that goes back for ever', () => {
  it('is matched in bounded time', async () => {
    const started = performance.now()
    expect((await merge(`${limits}/a`, { spec: { size: 1, note: `${'a'.repeat(40)}b` } })).status).toBe(422)
    expect(performance.now() - started).toBeLessThan(2000)
  })
})
