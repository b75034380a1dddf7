import { describe, expect, it } from 'vitest'
import { proxyFromEnvironment } from './proxy-env.ts'

describe('proxyFromEnvironment', () => {
  it.each([
    ['https://a.example.com:6443', '', true],
    ['https://a.example.com:6443', '*', false],
    ['https://a.example.com:6443', 'example.com', false],
    ['https://example.com', 'example.com', false],
    ['https://example.com', '.example.com', true],
    ['https://a.example.com', '.example.com', false],
    ['https://notexample.com', 'example.com', true],
    ['https://a.example.com:6443', 'b.test, example.com:6443', false],
    ['https://a.example.com:6443', 'example.com:443', true],
    ['https://a.example.com', 'example.com:443', false],
    ['https://10.1.2.3:6443', '10.0.0.0/8', false],
    ['https://11.1.2.3:6443', '10.0.0.0/8', true],
    ['https://10.1.2.3:6443', '10.1.2.3', false],
    ['https://[fd00::1]:6443', 'fd00::/8', false],
    ['https://[fd00::1]:6443', 'fd00::1', false],
    ['https://10.1.2.3', '10.0.0.0/99', true],
    ['https://127.0.0.1:6443', '', false],
    ['https://localhost:6443', '', false],
  ])('for %s with NO_PROXY=%s', (server, noProxy, proxied) => {
    const env = { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: noProxy }
    expect(proxyFromEnvironment(server, env)).toBe(proxied ? 'http://proxy:1' : undefined)
  })

  it('takes HTTP_PROXY for http only', () => {
    expect(proxyFromEnvironment('http://a.test', { HTTP_PROXY: 'p:1', HTTPS_PROXY: 'q:1' })).toBe('http://p:1')
    expect(proxyFromEnvironment('https://a.test', { HTTP_PROXY: 'p:1' })).toBeUndefined()
  })
})
