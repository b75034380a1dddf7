import { describe, expect, test } from 'vitest'
import { Secret } from '../../../secrets/secret.ts'
import { parseGitmodules, remoteFor, submoduleUrl } from './submodules.ts'

describe('the address of a submodule', () => {
  test.each([
    ['https://git.example.com/acme/app.git', '../lib.git', 'https://git.example.com/acme/lib.git'],
    ['https://git.example.com/acme/app.git', './lib.git', 'https://git.example.com/acme/app.git/lib.git'],
    ['https://git.example.com:8443/a/b/app', '../../c/lib', 'https://git.example.com:8443/a/c/lib'],
    ['ssh://git@git.example.com/acme/app.git', '../lib.git', 'ssh://git@git.example.com/acme/lib.git'],
    ['https://git.example.com/acme/app.git', 'https://other.example.com/x/y.git', 'https://other.example.com/x/y.git'],
  ])('%s + %s', (parent, url, expected) => {
    expect(submoduleUrl(parent, url)).toBe(expected)
  })

  test.each(['../../../../x', 'ext::sh -c id', 'file:///etc', '-u', 'git@host:x', 'https://user:secret@host/x'])(
    '%s is refused',
    url => {
      expect(() => submoduleUrl('https://git.example.com/acme/app.git', url)).toThrow()
    },
  )
})

test('another host gets no credentials', () => {
  const root = {
    url: 'https://git.example.com/acme/app.git',
    auth: { kind: 'basic' as const, username: 'ann', password: Secret.of('her-password') },
    client: { certificate: 'c', key: Secret.of('the-private-key') },
    ca: 'CA',
  }
  expect(remoteFor(root, 'https://git.example.com/acme/lib.git')).toEqual({
    ...root,
    url: 'https://git.example.com/acme/lib.git',
  })
  for (const url of [
    'https://git.example.com:444/x/y',
    'https://evil.example.com/x/y',
    'ssh://git@git.example.com/x/y',
  ]) {
    expect(remoteFor(root, url)).toEqual({ url, ca: 'CA' })
  }
})

test('.gitmodules is read, and paths that leave the repository are refused', () => {
  const text =
    '[submodule "lib"]\n\tpath = vendor/lib\n\turl = ../lib.git\n\tbranch = main\n[submodule "x"]\n\turl = y\n'
  expect(parseGitmodules(text)).toEqual([{ path: 'vendor/lib', url: '../lib.git' }])
  for (const path of ['../x', '/x', 'a/../../b', '.git/hooks', 'a/.GIT/x', '']) {
    expect(() => parseGitmodules(`[submodule "a"]\npath = ${path}\nurl = ../b\n`), path).toThrow('not allowed')
  }
})
