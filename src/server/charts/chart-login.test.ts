import { describe, expect, it } from 'vitest'
import { loginOf, loginSecret } from './chart-login.ts'

const login = { name: 'charts', username: 'robot', password: 'hunter2-4471' }

describe('the login of a chart repository', () => {
  it('is a user with a password, or none', () => {
    const url = 'https://charts.example.org'
    expect(loginOf('charts', url, {})).toBeUndefined()
    expect(loginOf('charts', url, { username: '', password: '' })).toBeUndefined()
    expect(loginOf('charts', url, { username: 'robot', password: 'x' })).toMatchObject({ url })
    for (const half of [{ username: 'robot' }, { password: 'x' }])
      expect(() => loginOf('charts', url, half)).toThrow(/a user and a password or token, or neither/)
  })

  it('names the one registry that it is for', () => {
    const secret = loginSecret('flux-system', { ...login, url: 'oci://registry.example.org:5000/team/charts' })
    expect(secret).toMatchObject({
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'charts-login', namespace: 'flux-system' },
    })
    const { auths } = JSON.parse((secret['stringData'] as Record<string, string>)['.dockerconfigjson']!)
    expect(Object.keys(auths)).toEqual(['registry.example.org:5000'])
    expect(Buffer.from(auths['registry.example.org:5000'].auth, 'base64').toString()).toBe('robot:hunter2-4471')
  })

  it('is a name and a password for a repository over HTTP', () => {
    const secret = loginSecret('flux-system', { ...login, url: 'https://charts.example.org/stable' })
    expect(secret['stringData']).toEqual({ username: 'robot', password: 'hunter2-4471' })
    expect(secret['type']).toBeUndefined()
  })
})
