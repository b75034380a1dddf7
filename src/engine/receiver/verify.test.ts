import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Secret } from '../../secrets/secret.ts'
import type { Receiver } from '../../specs/flux/receiver.ts'
import { webhookPath } from './path.ts'
import { sameSecret, signed } from './signature.ts'
import { parseJson, verifyCall } from './verify.ts'

type Spec = Receiver['spec']
type Headers = Record<string, string>

const key = 'f9a1c3a4-token-of-the-receiver'
const token = Secret.of(key)
const body = Buffer.from('{"ref":"refs/heads/main"}')

const spec = (type: Spec['type'], events?: string[]): Spec => ({
  type,
  resources: [],
  secretRef: { name: 'token' },
  ...(events === undefined ? {} : { events }),
})
const hmac = (algorithm: string, of: Buffer = body, with_ = key) =>
  createHmac(algorithm, with_).update(of).digest('hex')
const check = (type: Spec['type'], headers: Headers, of: Buffer = body, events?: string[]) =>
  verifyCall(spec(type, events), { headers, body: of }, token)

test('the path is made of token, name and namespace, as Flux makes it', () => {
  expect(webhookPath(Secret.of('token'), 'name', 'namespace')).toBe(
    '/hook/033cd85fb94eef8b750b62b37d50fa65adb47b1f0ab5d6a8f9f6692e516e686a',
  )
})

/** Hosts that sign, and the header that they sign in. */
const signers = [
  ['github', 'x-hub-signature-256', 'sha256'],
  ['github', 'x-hub-signature', 'sha1'],
  ['bitbucket', 'x-hub-signature', 'sha256'],
  ['generic-hmac', 'x-signature', 'sha256'],
  ['generic-hmac', 'x-signature', 'sha512'],
  ['generic-hmac', 'x-signature', 'sha1'],
] as const

describe.each(signers)('%s with %s and %s', (type, header, algorithm) => {
  const good = `${algorithm}=${hmac(algorithm)}`

  test('takes a true signature', () => {
    expect(check(type, { [header]: good })).toBeUndefined()
    expect(check(type, { [header]: good.replace(/=.*/, hex => hex.toUpperCase()) })).toBeUndefined()
  })

  test.each([
    ['none', {}],
    ['an empty one', { [header]: '' }],
    ['of another key', { [header]: `${algorithm}=${hmac(algorithm, body, 'another key')}` }],
    ['of another body', { [header]: `${algorithm}=${hmac(algorithm, Buffer.from('{}'))}` }],
    ['of the empty key', { [header]: `${algorithm}=${hmac(algorithm, body, '')}` }],
    ['without its algorithm', { [header]: hmac(algorithm) }],
    ['with an algorithm that is not one', { [header]: `md5=${hmac('md5')}` }],
    ['cut short', { [header]: good.slice(0, -2) }],
    ['with more behind it', { [header]: `${good}00` }],
    ['that is no hexadecimal', { [header]: `${algorithm}=${'zz'.repeat(32)}` }],
    ['with one digit changed', { [header]: good.slice(0, -1) + (good.endsWith('0') ? '1' : '0') }],
    ['in another header', { 'x-other-signature': good }],
    ['with two of them in one header', { [header]: `${good}, ${good}` }],
  ])('refuses a signature: %s', (_what, headers) => {
    expect(check(type, headers as Headers)).toBeTypeOf('string')
  })
})

/** Hosts that send the token itself. */
describe.each([
  ['gitlab', 'x-gitlab-token'],
  ['harbor', 'authorization'],
] as const)('%s', (type, header) => {
  test('takes its token', () => expect(check(type, { [header]: key })).toBeUndefined())

  test.each([
    ['none', {}],
    ['empty', { [header]: '' }],
    ['cut short', { [header]: key.slice(0, -1) }],
    ['longer', { [header]: `${key}x` }],
    ['in other letters', { [header]: key.toUpperCase() }],
    ['with a space', { [header]: ` ${key}` }],
    ['twice', { [header]: `${key}, ${key}` }],
    ['its digest', { [header]: hmac('sha256') }],
    ['in base64', { [header]: Buffer.from(key).toString('base64') }],
    ['in another header', { 'x-token': key }],
  ])('refuses a token: %s', (_what, headers) => expect(check(type, headers as Headers)).toBeTypeOf('string'))
})

test('Nexus signs with SHA-1, in plain digits', () => {
  const payload = Buffer.from('{"action":"CREATED","repositoryName":"npm"}')
  expect(check('nexus', { 'x-nexus-webhook-signature': hmac('sha1', payload) }, payload)).toBeUndefined()
  for (const wrong of ['', `sha1=${hmac('sha1', payload)}`, hmac('sha1'), hmac('sha256', payload), 'zz'.repeat(20)]) {
    expect(check('nexus', { 'x-nexus-webhook-signature': wrong }, payload)).toBe('invalid Nexus signature')
  }
})

test('only events of the list are taken, in whatever letters', () => {
  const headers = { 'x-hub-signature-256': `sha256=${hmac('sha256')}`, 'x-github-event': 'push' }
  expect(check('github', headers, body, ['Push'])).toBeUndefined()
  expect(check('github', headers, body, ['ping'])).toBe("the github event 'push' is not authorised")
  expect(check('gitlab', { 'x-gitlab-token': key }, body, ['Push Hook'])).toBe("the gitlab event '' is not authorised")
})

test('an unsigned body is never read as more than bytes', () => {
  const bomb = Buffer.from('[')
  expect(check('nexus', {}, bomb)).toBe('invalid Nexus signature')
  expect(check('github', {}, bomb)).toContain('missing')
})

test('registries send what they send, or are refused', () => {
  const json = (value: unknown) => Buffer.from(JSON.stringify(value))
  expect(check('dockerhub', {}, json({ push_data: { tag: 'v1' }, repository: { repo_url: 'x' } }))).toBeUndefined()
  expect(check('dockerhub', {}, json({ push_data: { tag: 7 } }))).toBe('cannot decode DockerHub webhook payload')
  expect(check('quay', {}, json({ docker_url: 'quay.io/x', updated_tags: ['a'] }))).toBeUndefined()
  expect(check('acr', {}, json({ action: 'push', target: 'no object' }))).toBe('cannot decode ACR webhook payload')
  const context = { version: '0.4.1', id: '1', source: '/x', type: 'dev.cdevents.change.merged.0.2.0', timestamp: 't' }
  const event = json({ context, subject: { id: 's', content: {} } })
  expect(check('cdevents', { 'ce-type': context.type }, event, [context.type])).toBeUndefined()
  expect(check('cdevents', {}, json({ context: {} }))).toContain('it is not a CDEvent')
})

describe('no input breaks anything', () => {
  const types = [
    'generic',
    'generic-hmac',
    'github',
    'gitlab',
    'bitbucket',
    'harbor',
    'dockerhub',
    'quay',
    'nexus',
    'acr',
    'cdevents',
  ] as const

  test('1000 malformed bodies for each host', () => {
    for (const type of types) {
      fc.assert(
        fc.property(
          fc.oneof(
            fc.uint8Array({ maxLength: 300 }),
            fc.json().map(text => Buffer.from(text)),
          ),
          bytes => {
            const of = Buffer.from(bytes)
            const headers: Headers = {
              'x-hub-signature-256': `sha256=${hmac('sha256', of)}`,
              'x-signature': `sha256=${hmac('sha256', of)}`,
              'x-nexus-webhook-signature': hmac('sha1', of),
              'x-gitlab-token': key,
              authorization: key,
            }
            expect(['string', 'undefined']).toContain(typeof check(type, headers, of))
          },
        ),
        { numRuns: 1000 },
      )
    }
  })

  test('any header is no signature but the true one', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), header => {
        expect(signed(header, body, token)).toBe(false)
        expect(sameSecret(header, token)).toBe(header === key)
      }),
    )
    expect(signed(`sha256=${hmac('sha256', body, '')}`, body, Secret.of(''))).toBe(false)
    expect(sameSecret('', Secret.of(''))).toBe(false)
  })

  test('JSON that is nested without end is refused', () => {
    expect(parseJson(Buffer.from('['.repeat(100_000) + ']'.repeat(100_000)))).toBeUndefined()
    expect(parseJson(Buffer.from('{"a":'.repeat(5000) + '1' + '}'.repeat(5000)))).toBeUndefined()
    expect(parseJson(Buffer.from('{"__proto__":{"x":1}}'))?.value).toBeDefined()
  })
})
