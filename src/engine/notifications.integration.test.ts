import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { conditionOf } from '../kube/condition.ts'
import { startCluster } from '../sandbox/cluster/start.ts'
import { startForge } from '../sandbox/forge/index.ts'
import type { FluxEvent } from './notify/event.ts'
import { type HookServer, startHookServer } from './testing/hook-server.ts'
import { configMap, messageOf, World } from './testing/world.ts'

// Notifications and webhooks on a real cluster: what the engine does goes out, and calls from outside come in.
let world: World
let hook: HookServer

beforeAll(async () => {
  world = await World.open({ startCluster, startForge }, { 'README.md': 'fleet' })
  hook = await startHookServer()
  await world.start({
    kubeEvents: true,
    listen: { metrics: '127.0.0.1:0', health: '127.0.0.1:0', webhooks: '127.0.0.1:0', events: '127.0.0.1:0' },
  })
  await world.source()
})
afterAll(async () => {
  await world.close()
  await hook.close()
})
afterEach(async () => {
  for (const kind of ['Alert', 'Provider'] as const) await remove(kind)
  hook.answer = undefined
  hook.calls.length = 0
})

const group = 'notification.toolkit.fluxcd.io'

async function remove(kind: 'Alert' | 'Provider'): Promise<void> {
  const type = { group, version: 'v1beta3', kind }
  const { items } = await world.client.list(type)
  for (const { metadata } of items) {
    await world.client.delete({ ...type, namespace: metadata.namespace ?? '', name: metadata.name ?? '' })
  }
}

const secret = (name: string, stringData: Record<string, string>) =>
  world.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'apps' }, stringData })
const provider = (name: string, spec: object) =>
  world.apply({ apiVersion: `${group}/v1beta3`, kind: 'Provider', metadata: { name, namespace: 'apps' }, spec })
const alert = (name: string, spec: object, namespace = 'apps') =>
  world.apply({
    apiVersion: `${group}/v1beta3`,
    kind: 'Alert',
    metadata: { name, namespace },
    spec: { providerRef: { name }, eventSources: [{ kind: 'Kustomization', name: '*' }], ...spec },
  })
const receiver = (name: string, spec: object) =>
  world.apply({ apiVersion: `${group}/v1`, kind: 'Receiver', metadata: { name, namespace: 'apps' }, spec })

const url = (name: 'metrics' | 'health' | 'webhooks' | 'events') => world.engine?.urls[name] ?? ''

let serial = 0
/** An event that is like no other, posted as Flux's controllers post theirs. */
function post(over: Partial<FluxEvent> = {}): Promise<Response> {
  const event: FluxEvent = {
    involvedObject: {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      namespace: 'apps',
      name: 'x',
    },
    severity: 'info',
    timestamp: '2026-01-01T00:00:00Z',
    message: `news ${++serial}`,
    reason: 'Progressing',
    reportingController: 'kustomize-controller',
    ...over,
  }
  return fetch(url('events'), { method: 'POST', body: JSON.stringify(event) })
}

async function warnings(kind: string, name: string, reason: string): Promise<string[]> {
  const { items } = await world.client.list({ apiVersion: 'v1', kind: 'Event' }, { namespace: 'apps' })
  return items
    .filter(event => {
      const about = event['involvedObject'] as { kind: string; name: string }
      return about.kind === kind && about.name === name && event['reason'] === reason
    })
    .map(event => String(event['message']))
}

async function untilWarned(kind: string, name: string, reason: string): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    const [message] = await warnings(kind, name, reason)
    if (message !== undefined) return message
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`no ${reason} about ${kind}/${name}`)
}

describe('an alert', () => {
  test('sends what was applied, with its metadata, to its provider', async () => {
    await secret('generic', { address: `${hook.url}/in`, headers: 'X-Team: platform-team\n' })
    await provider('generic', { type: 'generic', secretRef: { name: 'generic' } })
    await alert('generic', { eventMetadata: { cluster: 'prod-1' } })
    await untilKnown('generic')
    const commit = await world.commit({ 'told/a.yaml': configMap('told') })
    await world.kustomization('told')
    await world.ready('told', commit)
    const applied = () => hook.calls.find(({ body }) => JSON.parse(body).message === 'ConfigMap/apps/told created')
    await hook.until(applied)
    const call = applied()
    expect(call?.path).toBe('/in')
    expect(call?.headers).toMatchObject({ 'gotk-component': 'kustomize-controller', 'x-team': 'platform-team' })
    expect(JSON.parse(call?.body ?? '')).toMatchObject({
      involvedObject: {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        namespace: 'apps',
        name: 'told',
      },
      severity: 'info',
      reason: 'Progressing',
      message: 'ConfigMap/apps/told created',
      metadata: { revision: `main@sha1:${commit}`, cluster: 'prod-1' },
      reportingController: 'kustomize-controller',
    })
    // The last event of a reconcile is for commit statuses alone.
    await new Promise(resolve => setTimeout(resolve, 200))
    expect(hook.calls.filter(({ body }) => body.includes('Reconciliation finished'))).toEqual([])
  })

  test('writes the status of a commit when a reconcile ends, under a name that is unique to the cluster', async () => {
    await secret('status', { token: 'ghp_0123456789abcdefghij0123456789abcdef' })
    const made = await provider('status', {
      type: 'github',
      address: `${hook.url}/octo/fleet`,
      secretRef: { name: 'status' },
    })
    await alert('status', {})
    await untilKnown('status')
    const commit = await world.commit({ 'status/a.yaml': configMap('status') })
    await world.kustomization('status')
    await world.ready('status', commit)
    const written = () =>
      hook.calls.find(
        ({ path, body }) =>
          path.endsWith(`/repos/octo/fleet/statuses/${commit}`) && body.includes('kustomization/status/'),
      )
    await hook.until(written)
    expect(JSON.parse(written()?.body ?? '')).toEqual({
      state: 'success',
      context: `kustomization/status/${made.metadata.uid?.split('-')[0]}`,
      description: 'reconciliation succeeded',
    })
  })

  test('names the status as an expression says', async () => {
    await secret('expr', { token: 'gitlab-token-1234' })
    const commitStatusExpr = "event.involvedObject.name + '/' + event.metadata.env + '/' + alert.metadata.name"
    await provider('expr', {
      type: 'gitlab',
      address: `${hook.url}/g/p`,
      secretRef: { name: 'expr' },
      commitStatusExpr,
    })
    await alert('expr', { eventMetadata: { env: 'prod' } })
    await untilKnown('expr')
    const commit = 'b'.repeat(40)
    await post({
      reason: 'ReconciliationSucceeded',
      metadata: {
        'kustomize.toolkit.fluxcd.io/revision': `main@sha1:${commit}`,
        'kustomize.toolkit.fluxcd.io/commit_status': 'update',
      },
    })
    await hook.until(calls => calls.some(({ body }) => body !== ''))
    expect(JSON.parse(hook.calls.find(({ body }) => body !== '')?.body ?? '')).toMatchObject({ name: 'x/prod/expr' })
  })

  test('of another namespace gets nothing, and says why', async () => {
    await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'curious' } })
    await alert('curious', { eventSources: [{ kind: 'Kustomization', name: '*', namespace: 'apps' }] }, 'curious')
    await untilKnown('curious', 'curious')
    await post()
    await untilEvent(
      event => event.about.name === 'curious' && /cross-namespace references have been blocked/.test(event.message),
    )
  })

  test('with a type that is not served says so by name', async () => {
    await provider('nats', { type: 'nats', address: 'nats://x' })
    await alert('nats', {})
    await untilKnown('nats')
    await post()
    expect(await untilWarned('Provider', 'nats', 'UnsupportedProvider')).toContain(
      "provider type 'nats' is not supported",
    )
    expect(await untilWarned('Alert', 'nats', 'NotificationDispatchFailed')).toContain('Kustomization/apps/x')
  })

  test('takes objects by their labels', async () => {
    await provider('labels', { type: 'generic', address: hook.url })
    await alert('labels', { eventSources: [{ kind: 'Kustomization', name: '*', matchLabels: { team: 'a' } }] })
    await untilKnown('labels')
    await world.kustomization('labelled', { suspend: true }, { labels: { team: 'a' } })
    await world.kustomization('unlabelled', { suspend: true })
    const about = (name: string) => ({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      namespace: 'apps',
      name,
    })
    await post({ involvedObject: about('unlabelled') })
    await post({ involvedObject: about('labelled') })
    await hook.until(calls => calls.length > 0)
    expect(hook.calls.map(({ body }) => JSON.parse(body).involvedObject.name)).toEqual(['labelled'])
  })
})

describe('sending', () => {
  test('an event that repeats is told to its sender, and sent once', async () => {
    await provider('once', { type: 'generic', address: hook.url })
    await alert('once', {})
    await untilKnown('once')
    const same = { message: 'the same news' }
    expect((await post(same)).status).toBe(202)
    expect((await post(same)).status).toBe(429)
    expect((await post({ ...same, metadata: { 'kustomize.toolkit.fluxcd.io/revision': 'main@sha1:2' } })).status).toBe(
      202,
    )
    await hook.until(calls => calls.length === 2)
  })

  test('one that fails is tried again, and told on the Alert when it is given up, without the address or the token', async () => {
    await secret('fails', { address: `${hook.url}/hooks/very-secret-path`, token: 'xoxb-very-secret-token' })
    await provider('fails', { type: 'slack', secretRef: { name: 'fails' } })
    await alert('fails', {})
    await untilKnown('fails')
    const statuses = [503, 404]
    hook.answer = () => ({ status: statuses.shift() ?? 404 })
    await post()
    const message = await untilWarned('Alert', 'fails', 'NotificationDispatchFailed')
    expect(message).toBe(
      'failed to send notification for Kustomization/apps/x: POST request failed with status code 404',
    )
    expect(hook.calls).toHaveLength(2)
    for (const event of world.events) expect(JSON.stringify(event)).not.toContain('very-secret')
  })

  test('a system that asks to wait is left alone, and gets it then', async () => {
    await provider('waits', { type: 'generic', address: hook.url })
    await alert('waits', {})
    await untilKnown('waits')
    hook.answer = () => (hook.calls.length === 1 ? { status: 429, headers: { 'retry-after': '1' } } : {})
    await post()
    await hook.until(calls => calls.length === 1)
    await hook.until(calls => calls.length === 2)
    expect(hook.calls[1]?.body).toBe(hook.calls[0]?.body)
  })

  test('a system that does not answer holds up no other, and no reconcile', async () => {
    const stuck = await startHookServer()
    let letGo: () => void = () => undefined
    const held = new Promise<void>(resolve => (letGo = resolve))
    stuck.answer = () => ({ after: held })
    try {
      await provider('stuck', { type: 'generic', address: stuck.url })
      await alert('stuck', {})
      await provider('quick', { type: 'generic', address: hook.url })
      await alert('quick', {})
      await untilKnown('quick')
      await post()
      await stuck.until(calls => calls.length === 1)
      for (let i = 0; i < 5; i++) await post()
      await hook.until(calls => calls.length === 6)
      const commit = await world.commit({ 'besides/a.yaml': configMap('besides') })
      await world.kustomization('besides')
      await world.ready('besides', commit)
      expect(stuck.calls).toHaveLength(1)
    } finally {
      letGo()
      await stuck.close()
    }
  })
})

describe('the event endpoint', () => {
  test('takes what Flux sends and refuses all else', async () => {
    const send = (body: string, method = 'POST') =>
      fetch(url('events'), { method, ...(method === 'GET' ? {} : { body }) })
    expect((await send('', 'GET')).status).toBe(405)
    expect((await send('{')).status).toBe(400)
    expect((await send('{}')).status).toBe(400)
    const wrong = await post({ severity: 'loud' as never })
    expect([wrong.status, await wrong.text()]).toEqual([400, 'severity: expected trace, info or error'])
    expect((await send('x'.repeat(4 * 1024 * 1024)).catch(() => ({ status: 413 }))).status).toBe(413)
    expect((await post({ severity: 'trace' })).status).toBe(202)
  })
})

describe('a receiver', () => {
  const token = 'receiver-token-1234'

  async function open(name: string, spec: object): Promise<string> {
    await secret(`${name}-token`, { token })
    await receiver(name, { secretRef: { name: `${name}-token` }, ...spec })
    const ready = await untilReceiver(name, object => conditionOf(object, 'Ready')?.status === 'True')
    const path = (ready['status'] as { webhookPath: string }).webhookPath
    expect(messageOf(ready)).toBe(`Receiver initialized for path: ${path}`)
    return url('webhooks') + path
  }

  async function requestedAt(): Promise<string | undefined> {
    const source = await world.find('GitRepository', 'fleet')
    return source?.metadata.annotations?.['reconcile.fluxcd.io/requestedAt']
  }

  test('asks for the reconcile of its resources when the caller proves itself', async () => {
    const at = await open('github', {
      type: 'github',
      events: ['push'],
      resources: [{ kind: 'GitRepository', name: 'fleet' }],
    })
    const before = await requestedAt()
    const body = '{"ref":"refs/heads/main"}'
    const signature = `sha256=${createHmac('sha256', token).update(body).digest('hex')}`
    const call = (headers: Record<string, string>) => fetch(at, { method: 'POST', body, headers })
    expect((await call({ 'x-github-event': 'push' })).status).toBe(400)
    expect((await call({ 'x-github-event': 'push', 'x-hub-signature-256': `${signature.slice(0, -1)}x` })).status).toBe(
      400,
    )
    expect((await call({ 'x-github-event': 'ping', 'x-hub-signature-256': signature })).status).toBe(400)
    expect((await fetch(`${url('webhooks')}/hook/${'0'.repeat(64)}`, { method: 'POST' })).status).toBe(404)
    expect(await requestedAt()).toBe(before)
    expect((await call({ 'x-github-event': 'push', 'x-hub-signature-256': signature })).status).toBe(200)
    expect(await requestedAt()).not.toBe(before)
    await world.until('GitRepository', 'fleet', object => {
      const status = object?.['status'] as { lastHandledReconcileAt?: string } | undefined
      return status?.lastHandledReconcileAt === object?.metadata.annotations?.['reconcile.fluxcd.io/requestedAt']
    })
  })

  test('takes only the objects that its filter lets through', async () => {
    await world.source({ suspend: true }, 'filter-a')
    await world.source({ suspend: true }, 'filter-b')
    for (const name of ['filter-a', 'filter-b']) {
      const ref = { group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository', namespace: 'apps', name }
      await world.client.patch(ref, 'merge', { metadata: { labels: { hooked: 'yes' } } })
    }
    const at = await open('filtered', {
      type: 'generic',
      resources: [{ kind: 'GitRepository', name: '*', matchLabels: { hooked: 'yes' } }],
      resourceFilter: 'req.name == res.metadata.name',
    })
    const headers = { 'content-type': 'application/json' }
    expect((await fetch(at, { method: 'POST', headers, body: '{"name":"filter-b"}' })).status).toBe(200)
    const annotated = async (name: string) =>
      (await world.find('GitRepository', name))?.metadata.annotations?.['reconcile.fluxcd.io/requestedAt'] !== undefined
    expect([await annotated('filter-a'), await annotated('filter-b')]).toEqual([false, true])
    expect((await fetch(at, { method: 'POST', headers, body: '{' })).status).toBe(400)
    expect((await fetch(at, { method: 'POST', headers, body: '{"other":1}' })).status).toBe(500)
  })

  test('a flood costs one pass a second, whatever it says', async () => {
    let began = 0
    let tookMs = 0
    const at = await open('flood', { type: 'gitlab', resources: [{ kind: 'GitRepository', name: 'fleet' }] })
    const calls = await world.callsOf(async () => {
      const headers = (i: number) => ({ 'x-gitlab-token': i % 2 === 0 ? token : 'wrong' })
      began = performance.now()
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, i) => fetch(at, { method: 'POST', headers: headers(i) })),
      )
      const statuses = new Set(answers.map(({ status }) => status))
      tookMs = performance.now() - began
      statuses.delete(429)
      expect([...statuses].sort()).toEqual([200, 400])
    })
    const annotations = calls.filter(({ verb, what }) => verb === 'patch' && what === 'GitRepository/fleet')
    // One at once, and one for each second that the flood took: with the load of the machine that differs.
    expect(annotations.length).toBeGreaterThan(0)
    expect(annotations.length).toBeLessThanOrEqual(2 + Math.floor(tookMs / 1000))
  })

  test('without its token, or with a broken filter is not ready, and says why', async () => {
    const resources = [{ kind: 'GitRepository', name: 'fleet' }]
    await receiver('no-token', { type: 'generic', secretRef: { name: 'absent' }, resources })
    const missing = await untilReceiver('no-token', object => conditionOf(object, 'Ready')?.status === 'False')
    expect(conditionOf(missing, 'Ready')).toMatchObject({
      reason: 'TokenNotFound',
      message: `unable to read token from secret 'apps/absent' error: Secret "absent" not found`,
    })
    await secret('absent', { token })
    await untilReceiver('no-token', object => conditionOf(object, 'Ready')?.status === 'True')
    await receiver('bad-filter', {
      type: 'generic',
      secretRef: { name: 'absent' },
      resources,
      resourceFilter: 'req.x ==',
    })
    const bad = await untilReceiver('bad-filter', object => conditionOf(object, 'Stalled')?.status === 'True')
    expect(conditionOf(bad, 'Ready')).toMatchObject({ reason: 'InvalidCELExpression' })
    await receiver('gcr', { type: 'gcr', secretRef: { name: 'absent' }, resources })
    const gcr = await untilReceiver('gcr', object => conditionOf(object, 'Ready')?.status === 'False')
    expect(messageOf(gcr)).toBe("invalid 'apps/absent' secret data: required fields 'email'")
  })

  test('takes tokens of the issuers that it names', async () => {
    const issuer = await startHookServer()
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    issuer.answer = ({ path }) => ({
      body:
        path === '/keys'
          ? { keys: [publicKey.export({ format: 'jwk' })] }
          : { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` },
    })
    await receiver('oidc', {
      type: 'generic-oidc',
      oidcProviders: [
        { issuerURL: issuer.url, validations: [{ expression: "claims.sub == 'ci'", message: 'only CI' }] },
      ],
      resources: [{ kind: 'GitRepository', name: 'fleet' }],
      resourceFilter: "claims.sub == 'ci' && res.metadata.name == 'fleet'",
    })
    const ready = await untilReceiver('oidc', object => conditionOf(object, 'Ready')?.status === 'True')
    const at = url('webhooks') + (ready['status'] as { webhookPath: string }).webhookPath
    const token = (sub: string) => {
      const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const claims = { iss: issuer.url, aud: 'notification-controller', exp: Date.now() / 1000 + 60, sub }
      const text = `${part({ alg: 'ES256' })}.${part(claims)}`
      return `Bearer ${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
    }
    const call = (authorization: string) => fetch(at, { method: 'POST', headers: { authorization } })
    const before = await requestedAt()
    expect((await call('Bearer x.y.z')).status).toBe(400)
    expect((await call(token('somebody'))).status).toBe(400)
    expect(await requestedAt()).toBe(before)
    expect((await call(token('ci'))).status).toBe(200)
    expect(await requestedAt()).not.toBe(before)
    await issuer.close()
  })

  test('moves to another path with another token, at once', async () => {
    const before = await open('rotates', { type: 'generic', resources: [{ kind: 'GitRepository', name: 'fleet' }] })
    await secret('rotates-token', { token: 'another-token-5678' })
    const moved = await untilReceiver(
      'rotates',
      object => url('webhooks') + (object?.['status'] as { webhookPath?: string } | undefined)?.webhookPath !== before,
    )
    expect((await fetch(before, { method: 'POST' })).status).toBe(404)
    const now = url('webhooks') + (moved['status'] as { webhookPath: string }).webhookPath
    expect((await fetch(now, { method: 'POST' })).status).toBe(200)
  })

  test('a body that is too long, or that never ends, is cut off', async () => {
    const at = new URL(
      await open('bounded', { type: 'generic', resources: [{ kind: 'GitRepository', name: 'fleet' }] }),
    )
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(at.port), at.hostname, () => {
        socket.write(`POST ${at.pathname} HTTP/1.1\r\nhost: x\r\ncontent-length: 9000000\r\n\r\n`)
      })
      socket.once('data', data => {
        socket.destroy()
        resolve(data.toString())
      })
      socket.once('error', reject)
    })
    expect(answer).toMatch(/^HTTP\/1\.1 413 /)
  })
})

describe('metrics and health', () => {
  test('tell what Flux’s dashboards read', async () => {
    const text = await (await fetch(`${url('metrics')}/metrics`)).text()
    expect(text).toMatch(
      /^gotk_reconcile_duration_seconds_count\{kind="Kustomization",name="told",namespace="apps"\} [1-9]/m,
    )
    expect(text).toMatch(
      /^gotk_reconcile_condition\{kind="Kustomization",name="told",namespace="apps",type="Ready",status="True"\} 1$/m,
    )
    expect(text).toMatch(
      /^gotk_resource_info\{.*customresource_kind="Kustomization".*name="told",ready="True",suspended="false".*\} 1$/m,
    )
    expect(text).toMatch(/^controller_runtime_reconcile_total\{controller="kustomization",result="success"\} [1-9]/m)
    expect(text).toMatch(/^rest_client_requests_total\{code="200",host="127\.0\.0\.1:\d+",method="PATCH"\} [1-9]/m)
    expect(text).toMatch(/^workqueue_depth\{name="kustomization",controller="kustomization"\} 0$/m)
    expect(text).toMatch(/^leader_election_master_status\{name="sluice-engine"\} 1$/m)
    expect(text).toMatch(/^gotk_receiver_http_request_duration_seconds_count\{.*code="400"\} [1-9]/m)
    expect(text).toMatch(/^sluice_notifications_total\{type="generic",result="sent"\} [1-9]/m)
    expect(text).not.toContain('/hook/0')
    expect((await fetch(`${url('health')}/readyz`)).status).toBe(200)
    expect((await fetch(`${url('health')}/healthz`)).status).toBe(200)
    expect((await fetch(`${url('health')}/metrics`)).status).toBe(404)
  })
})

/** Waits until the engine's watches have shown an alert and all else: an event that nobody wants yet is lost. */
async function untilKnown(name: string, namespace = 'apps'): Promise<void> {
  const line = new RegExp(`customresource_kind="Alert".*exported_namespace="${namespace}",name="${name}"`)
  for (let tries = 0; tries < 500; tries++) {
    if (line.test(await (await fetch(`${url('metrics')}/metrics`)).text())) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`the engine does not see the Alert ${name}`)
}

async function untilReceiver(name: string, predicate: (object: Awaited<ReturnType<World['find']>>) => unknown) {
  const ref = { group, version: 'v1', kind: 'Receiver', namespace: 'apps', name }
  for (let tries = 0; tries < 500; tries++) {
    const object = await world.client.find(ref)
    if (predicate(object) && object !== undefined) return object
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`Receiver ${name} did not get there: ${JSON.stringify(await world.client.find(ref))}`)
}

async function untilEvent(predicate: (event: World['events'][number]) => boolean): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (world.events.some(predicate)) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`no such event among ${JSON.stringify(world.events.map(({ reason, message }) => [reason, message]))}`)
}
