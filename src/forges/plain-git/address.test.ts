import { describe, expect, it } from 'vitest'
import { gitAddress, namesIn } from './address.ts'

describe('the address of a repository', () => {
  it.each([
    ['git@github.com:acme/fleet.git', 'ssh://git@github.com/acme/fleet.git'],
    ['github.com:acme/fleet.git', 'ssh://git@github.com/acme/fleet.git'],
    ['ssh://git@github.com:acme/fleet.git', 'ssh://git@github.com/acme/fleet.git'],
    ['ssh://git@git.example.com:7999/acme/fleet.git', 'ssh://git@git.example.com:7999/acme/fleet.git'],
    ['ssh://mona@git.example.com/srv/git/fleet', 'ssh://mona@git.example.com/srv/git/fleet'],
    [
      'ssh://APKAEIBAERJR2EXAMPLE@git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet',
      'ssh://APKAEIBAERJR2EXAMPLE@git-codecommit.eu-west-1.amazonaws.com/v1/repos/fleet',
    ],
    ['https://git.example.com/acme/fleet.git/', 'https://git.example.com/acme/fleet.git'],
    ['git.example.com/acme/fleet', 'https://git.example.com/acme/fleet'],
    ['git.example.com:8443/acme/fleet', 'https://git.example.com:8443/acme/fleet'],
  ])('%s is %s', (text, href) => expect(gitAddress(text).href).toBe(href))

  it.each([
    '',
    'fleet',
    '-oProxyCommand=x',
    'ext::sh -c x',
    'https://mona:secret@git.example.com/x',
    'file:///etc/passwd',
  ])('refuses %j', text => {
    expect(() => gitAddress(text)).toThrow(expect.objectContaining({ code: 'E_GIT_URL_INVALID' }))
  })

  it('tells owner and name, with owners within owners', () => {
    expect(namesIn(gitAddress('https://git.example.com/acme/platform/fleet.git'))).toEqual({
      owner: 'acme/platform',
      name: 'fleet',
    })
  })
})
