import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { Secret } from '../../../secrets/secret.ts'
import { providerKind } from '../../../specs/flux/provider.ts'
import type { FluxEvent } from '../event.ts'
import { HttpSender } from '../http-sender.ts'
import { changeRequestTypes, commitStatusTypes, deliveryFor } from './index.ts'
import { DeliveryFailure, type ProviderConfig } from './types.ts'

// Each type of Provider against a real server on loopback that answers as the system behind it does.
interface Seen {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: what systems take is not ours to type.
  readonly json: any
}

let server: Server
let base: string
const seen: Seen[] = []
/** What the server answers, by `METHOD path`; `{}` with 200 otherwise. */
const answers = new Map<string, { status?: number; body?: unknown; headers?: Record<string, string> }>()

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      let json: unknown
      try {
        json = JSON.parse(text)
      } catch {
        json = undefined
      }
      const { method = '', url: path = '', headers } = request
      seen.push({ method, path, headers, text, json })
      const answer = answers.get(`${method} ${path.split('?')[0]}`) ?? {}
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
      response.end(JSON.stringify(answer.body ?? {}))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => new Promise(resolve => server.close(resolve)))
beforeEach(() => {
  seen.length = 0
  answers.clear()
})

const commit = 'a'.repeat(40)

const applied: FluxEvent = {
  involvedObject: {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    namespace: 'apps',
    name: 'podinfo',
    uid: 'object-uid',
  },
  severity: 'info',
  timestamp: '2026-01-02T03:04:05Z',
  message: 'ConfigMap/apps/a created',
  reason: 'ReconciliationSucceeded',
  metadata: { summary: 'prod', revision: `main@sha1:${commit}`, change_request: '7' },
  reportingController: 'kustomize-controller',
}
const failed: FluxEvent = { ...applied, severity: 'error', reason: 'HealthCheckFailed', message: 'timeout' }

async function deliver(
  type: string,
  config: Partial<ProviderConfig> & { at?: string },
  event = applied,
): Promise<Seen[]> {
  const delivery = deliveryFor(type)
  if (delivery === undefined) throw new Error(`${type} is not served`)
  const sender = new HttpSender(
    { timeoutMs: 2000, policy: { refusePrivate: false } },
    systemClock,
    new AbortController().signal,
  )
  try {
    const provider: ProviderConfig = {
      uid: 'uid1-uid2',
      address: Secret.of(base + (config.at ?? '')),
      channel: '',
      username: '',
      headers: new Map(),
      commitStatus: commitStatusTypes.has(type) ? 'kustomization/podinfo/uid1' : '',
      ...config,
    }
    await delivery(event, provider, sender.send)
  } finally {
    await sender.close()
  }
  return seen
}

describe('chat', () => {
  test('Slack gets an attachment, with a bot token in its header', async () => {
    const [one] = await deliver('slack', { at: '/hook', channel: '#ops', token: Secret.of('xoxb-token-1') })
    expect(one?.headers.authorization).toBe('Bearer xoxb-token-1')
    expect(one?.json).toEqual({
      channel: '#ops',
      username: 'kustomize-controller',
      icon_url: '',
      icon_emoji: '',
      attachments: [
        {
          color: 'good',
          author_name: 'kustomization/podinfo.apps',
          text: 'ConfigMap/apps/a created',
          mrkdwn_in: ['text'],
          fields: [
            { title: 'change_request', value: '7', short: false },
            { title: 'revision', value: `main@sha1:${commit}`, short: false },
            { title: 'summary', value: 'prod', short: false },
          ],
        },
      ],
    })
  })

  test('an error of the Slack API is a failure although it answers 200', async () => {
    answers.set('POST /api', { body: { ok: false, error: 'channel_not_found' } })
    await expect(deliver('slack', { at: '/api' })).rejects.toThrow('Slack responded with error: channel_not_found')
  })

  test('Discord gets it in the form of Slack, at its own endpoint for that', async () => {
    await deliver('discord', { at: '/webhooks/1' }, failed)
    await deliver('discord', { at: '/webhooks/1/slack' })
    expect(seen.map(({ path }) => path)).toEqual(['/webhooks/1/slack', '/webhooks/1/slack'])
    expect(seen[0]?.json.attachments[0].color).toBe('danger')
  })

  test('Rocket gets its own colors', async () => {
    expect((await deliver('rocket', { username: 'flux' }))[0]?.json).toMatchObject({
      username: 'flux',
      attachments: [{ color: '#0076D7' }],
    })
  })

  test('Teams gets an adaptive card, the summary first', async () => {
    const [one] = await deliver('msteams', {}, failed)
    const { content } = one?.json.attachments[0] ?? {}
    expect(content).toMatchObject({ type: 'AdaptiveCard', version: '1.4', msteams: { width: 'Full' } })
    const [title, text, facts] = content.body[0].items
    expect(title.text).toBe('kustomization/podinfo.apps')
    expect(text).toEqual({ type: 'TextBlock', text: 'timeout', color: 'attention', wrap: true })
    expect(facts.facts.map((fact: { title: string }) => fact.title)).toEqual(['summary', 'change_request', 'revision'])
  })

  test('Google Chat, Webex, Lark, Matrix, Telegram and Zulip get what they render', async () => {
    const token = Secret.of('12345:token-of-bot')
    await deliver('googlechat', {}, failed)
    await deliver('webex', { channel: 'room', token })
    await deliver('lark', {}, failed)
    await deliver('matrix', { channel: '!room:matrix.org', token })
    await deliver('telegram', { channel: '-100:7', token })
    await deliver('zulip', { channel: 'ops/flux', username: 'bot@x', password: Secret.of('zulip-password') })
    const [chat, webex, lark, matrix, telegram, zulip] = seen
    expect(chat?.json.cards[0].sections[0].widgets[0].textParagraph.text).toBe('<font color="#ff0000">timeout</font>')
    expect(webex?.json).toMatchObject({ roomId: 'room' })
    expect(webex?.json.markdown).toContain('**kustomization/podinfo.apps**')
    expect(lark?.json.card.header.template).toBe('red')
    expect(matrix?.method).toBe('PUT')
    expect(matrix?.path).toMatch(
      /^\/_matrix\/client\/r0\/rooms\/!room%3Amatrix.org\/send\/m\.room\.message\/[0-9a-f]{64}$/,
    )
    expect(telegram?.path).toBe('/bot12345:token-of-bot/sendMessage')
    expect(telegram?.json).toMatchObject({ chat_id: '-100', message_thread_id: '7', parse_mode: 'MarkdownV2' })
    expect(telegram?.json.text).toContain('kustomization/podinfo/apps')
    expect(telegram?.json.text).toContain('main@sha1:')
    expect(zulip?.path).toBe('/api/v1/messages')
    expect(zulip?.headers.authorization).toBe(`Basic ${Buffer.from('bot@x:zulip-password').toString('base64')}`)
    expect(new URLSearchParams(zulip?.text).get('topic')).toBe('flux')
    await deliver('zoom', { at: '/zoom', token })
    expect(seen.at(-1)?.path).toBe('/zoom?format=full')
    expect(seen.at(-1)?.headers.authorization).toBe('12345:token-of-bot')
    expect(seen.at(-1)?.json.content.body[0]).toEqual({ type: 'message', text: 'ConfigMap/apps/a created' })
    await expect(deliver('zulip', { channel: 'ops' })).rejects.toThrow('expected <channel>/<topic>')
  })
})

describe('webhooks of any kind', () => {
  test('get the event itself, with the headers of the Secret', async () => {
    const headers = new Map([['X-Env', Secret.of('production-1')]])
    const [one] = await deliver('generic', { headers })
    expect(one?.json).toEqual(applied)
    expect(one?.headers).toMatchObject({ 'gotk-component': 'kustomize-controller', 'x-env': 'production-1' })
  })

  test('get a signature that no header can replace', async () => {
    const token = Secret.of('7152fed34dd6149a7c75a276c510da27cb6f82b0')
    const [one] = await deliver('generic-hmac', {
      token,
      headers: new Map([['x-signature', Secret.of('spoofed-one')]]),
    })
    const expected = createHmac('sha256', token.reveal())
      .update(one?.text ?? '')
      .digest('hex')
    expect(one?.headers['x-signature']).toBe(`sha256=${expected}`)
    await expect(deliver('generic-hmac', {})).rejects.toThrow('HMAC key is empty')
  })

  test('refuse headers that would make other headers', async () => {
    const headers = new Map([['x-a', Secret.of('b\r\nauthorization: mine')]])
    await expect(deliver('generic', { headers })).rejects.toThrow('a header of the Provider is not one of HTTP')
    expect(seen).toEqual([])
  })
})

describe('commit statuses', () => {
  const token = Secret.of('token-of-host-1')
  const cases = [
    {
      type: 'github',
      at: '/org/repo.git',
      list: `/api/v3/repos/org/repo/commits/${commit}/statuses`,
      write: `/api/v3/repos/org/repo/statuses/${commit}`,
      body: { state: 'failure', context: 'kustomization/podinfo/uid1', description: 'health check failed' },
      known: [{ state: 'failure', context: 'kustomization/podinfo/uid1', description: 'health check failed' }],
    },
    {
      type: 'gitlab',
      at: '/group/sub/repo',
      list: `/api/v4/projects/group%2Fsub%2Frepo/repository/commits/${commit}/statuses`,
      write: `/api/v4/projects/group%2Fsub%2Frepo/statuses/${commit}`,
      body: { state: 'failed', name: 'kustomization/podinfo/uid1', description: 'health check failed' },
      known: [{ status: 'failed', name: 'kustomization/podinfo/uid1', description: 'health check failed' }],
    },
    {
      type: 'gitea',
      at: '/org/repo',
      list: `/api/v1/repos/org/repo/statuses/${commit}`,
      write: `/api/v1/repos/org/repo/statuses/${commit}`,
      body: {
        state: 'failure',
        context: 'kustomization/podinfo/uid1',
        description: 'health check failed',
        target_url: '',
      },
      known: [{ status: 'failure', context: 'kustomization/podinfo/uid1', description: 'health check failed' }],
    },
    {
      type: 'azuredevops',
      at: '/org/project/_git/repo',
      list: `/org/project/_apis/git/repositories/repo/commits/${commit}/statuses`,
      write: `/org/project/_apis/git/repositories/repo/commits/${commit}/statuses`,
      body: {
        state: 'error',
        description: 'health check failed',
        context: { genre: 'fluxcd', name: 'kustomization/podinfo/uid1' },
      },
      known: {
        value: [
          {
            state: 'error',
            description: 'health check failed',
            context: { genre: 'fluxcd', name: 'kustomization/podinfo/uid1' },
          },
        ],
      },
    },
  ]
  for (const { type, at, list, write, body, known } of cases) {
    test(`${type}: written once, and not again while it stands`, async () => {
      answers.set(`GET ${list}`, { body: type === 'azuredevops' ? { value: [] } : [] })
      await deliver(type, { at, token }, failed)
      expect(seen.map(one => `${one.method} ${one.path.split('?')[0]}`)).toEqual([`GET ${list}`, `POST ${write}`])
      expect(seen[1]?.json).toEqual(body)
      answers.set(`GET ${list}`, { body: known })
      seen.length = 0
      await deliver(type, { at, token }, failed)
      expect(seen.map(({ method }) => method)).toEqual(['GET'])
    })
  }

  test('bitbucket and bitbucketserver use a short key', async () => {
    await deliver('bitbucket', { at: '/org/repo', token: Secret.of('user:app-password') })
    expect(seen[1]?.path).toBe(`/2.0/repositories/org/repo/commit/${commit}/statuses/build`)
    expect(seen[1]?.json).toMatchObject({ state: 'SUCCESSFUL', name: 'kustomization/podinfo' })
    expect(seen[1]?.json.key).toMatch(/^[0-9a-f]{40}$/)
    seen.length = 0
    await deliver('bitbucketserver', { at: '/ctx/scm/proj/repo.git', token }, failed)
    expect(seen[1]?.path).toBe(`/ctx/rest/api/latest/projects/proj/repos/repo/commits/${commit}/builds`)
    expect(seen[1]?.json).toMatchObject({ state: 'FAILED', name: 'kustomization/podinfo [health check failed]' })
  })

  test('need a token, a repository and a commit', async () => {
    await expect(deliver('github', { at: '/org/repo' })).rejects.toThrow('github token cannot be empty')
    await expect(deliver('github', { at: '/org', token })).rejects.toThrow('invalid repository id "org"')
    const { metadata: _none, ...bare } = applied
    await expect(deliver('gitlab', { at: '/org/repo', token }, bare)).rejects.toThrow('missing revision metadata')
    const odd = { ...applied, metadata: { revision: 'latest' } }
    await expect(deliver('gitlab', { at: '/org/repo', token }, odd)).rejects.toThrow('failed to extract commit hash')
    expect(seen).toEqual([])
  })
})

describe('comments on requests', () => {
  const token = Secret.of('token-of-host-2')
  const mark = (prefix: string) => `<!-- ${prefix}:uid1-uid2/Kustomization/apps/podinfo -->`

  test.each([
    [
      'githubpullrequestcomment',
      '/api/v3/user',
      { login: 'bot' },
      '/api/v3/repos/org/repo/issues/7/comments',
      '/api/v3/repos/org/repo/issues/comments/11',
      'PATCH',
      'flux-pr-comment-key',
      { user: { login: 'bot' } },
    ],
    [
      'giteapullrequestcomment',
      '/api/v1/user',
      { login: 'bot' },
      '/api/v1/repos/org/repo/issues/7/comments',
      '/api/v1/repos/org/repo/issues/comments/11',
      'PATCH',
      'flux-pr-comment-key',
      { user: { login: 'bot' } },
    ],
    [
      'gitlabmergerequestcomment',
      '/api/v4/user',
      { username: 'bot' },
      '/api/v4/projects/org%2Frepo/merge_requests/7/notes',
      '/api/v4/projects/org%2Frepo/merge_requests/7/notes/11',
      'PUT',
      'flux-mr-comment-key',
      { author: { username: 'bot' } },
    ],
  ])(
    '%s writes one comment and changes it later',
    async (type, user, me, comments, comment, change, prefix, author) => {
      answers.set(`GET ${user}`, { body: me })
      answers.set(`GET ${comments}`, { body: [] })
      await deliver(type, { at: '/org/repo', token })
      expect(`${seen.at(-1)?.method} ${seen.at(-1)?.path}`).toBe(`POST ${comments}`)
      expect(seen.at(-1)?.json.body).toContain(mark(prefix))
      expect(seen.at(-1)?.json.body).not.toContain('change_request')
      answers.set(`GET ${comments}`, {
        body: [
          { id: 10, body: mark(prefix) },
          { id: 11, body: mark(prefix), ...author },
        ],
      })
      await deliver(type, { at: '/org/repo', token }, failed)
      expect(`${seen.at(-1)?.method} ${seen.at(-1)?.path}`).toBe(`${change} ${comment}`)
      expect(changeRequestTypes.has(type)).toBe(true)
    },
  )

  test('githubdispatch starts workflows with the event', async () => {
    await deliver('githubdispatch', { at: '/org/repo', token })
    expect(seen[0]?.path).toBe('/api/v3/repos/org/repo/dispatches')
    expect(seen[0]?.json).toEqual({ event_type: 'Kustomization/podinfo.apps', client_payload: applied })
  })
})

describe('monitoring', () => {
  test('each gets what it takes', async () => {
    const token = Secret.of('monitoring-token')
    await deliver('alertmanager', { token }, failed)
    await deliver('grafana', { username: 'u', password: Secret.of('grafana-pass') })
    await deliver('opsgenie', { token })
    await deliver('pagerduty', { channel: 'routing' }, failed)
    await deliver('pagerduty', { channel: 'routing' })
    await deliver('datadog', { token })
    await deliver('incident.io', { token }, failed)
    const [alertmanager, grafana, opsgenie, trigger, resolve, change, datadog, incident] = seen
    expect(alertmanager?.json[0]).toMatchObject({
      status: 'firing',
      labels: { alertname: 'FluxKustomizationHealthcheckfailed', severity: 'error', name: 'podinfo' },
      annotations: { message: 'timeout', summary: 'prod' },
      startsAt: '2026-01-02T03:04:05Z',
    })
    expect(grafana?.json).toMatchObject({ when: 1767323045, text: 'kustomization/podinfo.apps' })
    expect(grafana?.json.tags).toContain(`revision: main@sha1|${commit}`)
    expect(opsgenie?.headers.authorization).toBe('GenieKey monitoring-token')
    expect(trigger?.json).toMatchObject({ routing_key: 'routing', event_action: 'trigger', dedup_key: 'object-uid' })
    expect(resolve?.json).toEqual({ routing_key: 'routing', event_action: 'resolve', dedup_key: 'object-uid' })
    expect(change?.path).toBe('/v2/change/enqueue')
    expect(datadog?.headers['dd-api-key']).toBe('monitoring-token')
    expect(incident?.json).toMatchObject({
      status: 'firing',
      deduplication_key: 'object-uid',
      metadata: { summary: 'prod' },
    })
    expect(datadog?.json.tags).toContain('kube_name:podinfo')
  })
})

describe('what goes wrong', () => {
  test('is said without the address, the token or the answer', async () => {
    answers.set('POST /hooks/very-secret-path', { status: 500, body: { error: 'inner secrets of the network' } })
    const failure = await deliver('slack', {
      at: '/hooks/very-secret-path',
      token: Secret.of('xoxb-very-secret'),
    }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DeliveryFailure)
    expect(failure).toMatchObject({ message: 'POST request failed with status code 500', passing: true })
  })

  test('says how long to wait when it is asked to', async () => {
    answers.set('POST /', { status: 429, headers: { 'retry-after': '3' } })
    await expect(deliver('slack', {})).rejects.toMatchObject({ passing: true, waitMs: 3000 })
  })

  test('does not follow redirects, so that no token goes elsewhere', async () => {
    answers.set('POST /a', { status: 307, headers: { location: `${base}/b` } })
    await expect(deliver('slack', { at: '/a', token: Secret.of('xoxb-token-3') })).rejects.toThrow(
      'redirects are not followed',
    )
    expect(seen).toHaveLength(1)
  })

  test('a private address is refused where that is asked for, a link-local one always', async () => {
    const send = (url: string, refusePrivate: boolean) => {
      const sender = new HttpSender(
        { timeoutMs: 1000, policy: { refusePrivate } },
        systemClock,
        new AbortController().signal,
      )
      return sender.send({ url, body: {} }).finally(() => sender.close())
    }
    const { port } = server.address() as AddressInfo
    for (const host of [
      '127.0.0.1',
      'localhost',
      '[::1]',
      '2130706433',
      '0x7f.1',
      '017700000001',
      '[::ffff:127.0.0.1]',
      '10.0.0.1',
      '192.168.1.1',
      '[fd00::1]',
      '0.0.0.0',
      '100.64.0.1',
    ]) {
      await expect(send(`http://${host}:${port}/`, true)).rejects.toThrow('the address is not one')
    }
    for (const host of ['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '[::ffff:169.254.169.254]', '2852039166']) {
      await expect(send(`http://${host}/`, false)).rejects.toThrow('the address is not one')
    }
    expect(seen).toEqual([])
    await send(`${base}/`, false)
    expect(seen).toHaveLength(1)
  })
})

test('every type of the CRD is either served or refused by name', () => {
  const types = (providerKind.schema.properties?.['spec']?.properties?.['type']?.enum ?? []) as string[]
  expect(types.filter(type => deliveryFor(type) === undefined).sort()).toEqual([
    'azureeventhub',
    'googlepubsub',
    'nats',
    'otel',
    'sentry',
  ])
})
