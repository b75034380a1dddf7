import { describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { generateIdentity } from './age/keys.ts'
import { refusePlainSecrets } from './plain-secrets.ts'
import { sealFile } from './seal.ts'

const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData:\n  password: canary-3a\n'
const refused = (path: string, content: string) => {
  try {
    refusePlainSecrets([
      { path: 'ok.yaml', content: 'kind: ConfigMap\n' },
      { path, content },
    ])
  } catch (error) {
    return error as Error & { code: string; facts: { seen?: string } }
  }
  return undefined
}

describe('a commit is refused', () => {
  it.each([
    ['a Secret', 'a.yaml', secret, 'Secret/db with stringData.password'],
    [
      'one in base64',
      'a.yml',
      secret.replace('stringData', 'data').replace('canary-3a', 'Y2FuYXJ5LTNh'),
      'data.password',
    ],
    ['one behind other documents', 'a.yaml', `kind: ConfigMap\n---\n${secret}`, 'Secret/db'],
    [
      'one in a List, as JSON',
      'a.json',
      JSON.stringify({ kind: 'List', items: [{ kind: 'List', items: [{ kind: 'Secret', data: { a: 'eA==' } }] }] }),
      'Secret/? with data.a',
    ],
    [
      'one in a patch of a kustomization',
      'kustomization.yaml',
      `patches:\n- patch: |\n${secret.replace(/^/gm, '    ')}`,
      'a patch: Secret/db',
    ],
    [
      'one in a patch of a Kustomization',
      'ks.yaml',
      JSON.stringify({ kind: 'Kustomization', spec: { patches: [{ patch: secret }] } }),
      'a patch',
    ],
    [
      'a JSON patch of one',
      'kustomization.yaml',
      JSON.stringify({
        patches: [{ target: { kind: 'Secret' }, patch: '[{"op":"add","path":"/data/a","value":"eA=="}]' }],
      }),
      'JSON patch',
    ],
    [
      'a generator with literals',
      'kustomization.yaml',
      'secretGenerator:\n- name: a\n  literals: [password=canary-3a]\n',
      'secretGenerator[0].literals',
    ],
    ['a private key', 'keys/id', '-----BEGIN OPENSSH PRIVATE KEY-----\ncanary-3a\n', 'a private key'],
    ['an age identity', 'k.txt', generateIdentity().identity.reveal(), 'an age identity'],
    ['a token in any file', 'README.md', `token: ghp_${'a1'.repeat(18)}`, 'a token of GitHub'],
    ['a Secret that no parser reads', 'a.yaml', `a: [\nkind: Secret\nstringData: {p: canary-3a}`, 'no valid YAML'],
  ])('with %s', (_what, path, content, seen) => {
    const error = refused(path, content)
    expect(error?.code).toBe('E_SECRET_PLAIN')
    expect(error?.message).toContain(path)
    expect(error?.facts.seen).toContain(seen)
    expect(JSON.stringify(error) + error?.message).not.toMatch(/canary-3a|Y2FuYXJ5|a1a1a1/)
  })
})

describe('a commit passes', () => {
  const { recipient } = generateIdentity()
  const sealed = sealFile(Buffer.from(secret), 'yaml', {
    recipients: [recipient],
    rules: { encryptedRegex: '^stringData$' },
    clock: systemClock,
  }).toString()

  it.each([
    ['a sealed Secret', 'a.yaml', sealed],
    [
      'a Secret whose value is a sealed document',
      'a.yaml',
      JSON.stringify({ kind: 'Secret', data: { 'a.yaml': Buffer.from(sealed).toString('base64') } }),
    ],
    ['a Secret whose values are variables', 'a.yaml', secret.replace('canary-3a', '${db_password}')],
    ['a Secret without data', 'a.yaml', 'kind: Secret\nmetadata: {name: a}\ntype: Opaque\n'],
    [
      'references and generators from files',
      'a.yaml',
      'kind: ExternalSecret\nspec: {data: [{secretKey: a}]}\n---\nsecretGenerator: [{name: a, files: [a.enc]}]\n',
    ],
    [
      'a public key and text about secrets',
      'README.md',
      'kind: Secret\nstringData: {a: b}\n-----BEGIN PUBLIC KEY-----\n',
    ],
  ])('with %s', (_what, path, content) => {
    expect(refused(path, content)).toBeUndefined()
  })

  it('that only removes one', () => {
    refusePlainSecrets([{ path: 'a.yaml', content: undefined }])
  })
})
