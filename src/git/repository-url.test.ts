import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkRepositoryUrl } from './repository-url.ts'

describe('repository addresses', () => {
  it.each([
    [
      'https://github.com/acme/fleet.git',
      { scheme: 'https', host: 'github.com', origin: 'https://github.com', path: '/acme/fleet.git' },
    ],
    ['https://git.example.com:8443/a/b', { port: '8443', origin: 'https://git.example.com:8443' }],
    ['ssh://git@git.example.com:2222/a/b.git', { scheme: 'ssh', user: 'git', port: '2222' }],
    ['http://127.0.0.1:3000/a/b.git', { scheme: 'http' }],
    ['http://[::1]:3000/a/b.git', { host: '[::1]' }],
    ['http://localhost/a/b', { host: 'localhost' }],
  ])('accept %s', (text, parts) => expect(checkRepositoryUrl(text)).toMatchObject(parts))

  it.each([
    'http://git.example.com/a/b',
    'https://user:ghp_x@github.com/a/b',
    'https://token@github.com/a/b',
    'ssh://git:password@host/a',
    'ext::sh -c touch% /tmp/pwn',
    'ext::sh',
    'file:///etc',
    '/etc/passwd',
    './repo',
    '--upload-pack=touch /tmp/pwn',
    'ssh://-oProxyCommand=x/a',
    'ssh://-oProxyCommand@host/a',
    'git@github.com:acme/fleet.git',
    'git://github.com/a/b',
    'https://github.com/a\nb',
    'https:///host/a',
    'https://github.com',
    'https://github.com/',
    'https://github.com/a?x=1',
    'https://github.com/a#x',
    'https://github.com\\@evil.example/a',
    'ssh://git@host/-x',
    '',
  ])('refuse %j', text =>
    expect(() => checkRepositoryUrl(text)).toThrow(expect.objectContaining({ code: 'E_GIT_URL_INVALID' })),
  )

  it('with a password are refused without showing it', () => {
    expect(() => checkRepositoryUrl('https://mona:hunter2hunter2@github.com/a/b')).toThrow(/^(?!.*hunter2)/s)
  })

  it('in the scp form are refused with the form to use', () => {
    expect(() => checkRepositoryUrl('git@github.com:acme/fleet.git')).toThrow('ssh://git@github.com/acme/fleet.git')
  })

  it('never turn into an address of another host', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.string(), (url, tail) => {
        try {
          const parsed = checkRepositoryUrl(url.replace(/^http:/, 'https:') + tail)
          expect(new URL(parsed.href).origin).toBe(parsed.origin)
          expect(parsed.href).not.toMatch(/[\s\x00-\x1f]/)
          expect(parsed.href.startsWith(`${parsed.origin}/`)).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_GIT_URL_INVALID' })
        }
      }),
    )
  })
})
