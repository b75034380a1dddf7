import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startTestServer, type TestServer } from './testing/test-server.ts'

const token = randomBytes(20).toString('hex')

let test: TestServer
let url: string
let answer: (request: IncomingMessage, response: ServerResponse, address: URL) => unknown
let asked: string[]
const host = createServer((request, response) => {
  const address = new URL(request.url ?? '/', 'http://host')
  asked.push(`${request.method} ${address.pathname}${address.search}`)
  answer(request, response, address)
})

beforeAll(async () => {
  test = await startTestServer()
  await new Promise<void>(done => host.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(host.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked = []
})
afterAll(async () => {
  await test?.close()
  host.closeAllConnections()
  host.close()
})

const json = (response: ServerResponse, body: unknown, headers = {}) =>
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

const lookUp = (kind: string, owner: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${test.url}/api/v1/connections/owners`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...test.administrator.headers },
    body: JSON.stringify({
      draft: {
        name: 'Large',
        kind,
        host: url,
        settings: {
          owner,
          personal: false,
          repository: 'fleet',
          branch: 'main',
          repositoryTemplate: '{app}-config',
          visibility: 'private',
          review: 'auto',
        },
      },
      credential: { token },
    }),
    ...(signal && { signal }),
  })

const long = (count: number) => `P${String(count).padStart(5, '0')}`.padEnd(100, 'X')

it('finds what one may do in the last of 2000 projects of Bitbucket Data Center, page by page', async () => {
  const keys = Array.from({ length: 2000 }, (_, count) => long(count))
  const last = keys.at(-1)!
  answer = (_, response, { pathname, searchParams }) => {
    if (pathname.endsWith(`/projects/${last}`))
      return json(response, { key: last, name: last, type: 'NORMAL' }, { 'x-ausername': 'ana' })
    const start = Number(searchParams.get('start') ?? 0)
    const size = Math.min(Number(searchParams.get('limit') ?? 25), 500)
    const values = keys.slice(start, start + size).map(key => ({ key, name: key, type: 'NORMAL' }))
    const isLastPage = start + size >= keys.length
    const more = isLastPage ? {} : { nextPageStart: start + size }
    return json(
      response,
      { values, size: values.length, limit: size, start, isLastPage, ...more },
      { 'x-ausername': 'ana' },
    )
  }
  const found = await lookUp('bitbucket-server', last)
  expect(await found.json()).toMatchObject({ owner: { name: last, role: 'admin', mayCreateRepositories: true } })
  expect(asked.length).toBeLessThan(8)
})

it('ends on a list of Bitbucket Data Center that never ends, without saying what it does not know', async () => {
  answer = (_, response, { pathname, searchParams }) => {
    if (pathname.endsWith('/projects/MINE')) return json(response, { key: 'MINE' }, { 'x-ausername': 'ana' })
    const start = Number(searchParams.get('start') ?? 0)
    return json(response, { values: [], isLastPage: false, nextPageStart: start + 1 }, { 'x-ausername': 'ana' })
  }
  const found = (await (await lookUp('bitbucket-server', 'MINE')).json()) as { owner: { role?: string } }
  expect(found.owner).toBeDefined()
  expect(found.owner.role).not.toBe('admin')
  expect(found.owner.role).not.toBe('none')
  expect(asked.length).toBeLessThan(60)
})

it('finds what one may do in the last of 500 workspaces of Bitbucket', async () => {
  const slugs = Array.from({ length: 500 }, (_, count) => long(count).toLowerCase().slice(0, 60))
  const last = slugs.at(-1)!
  answer = (_, response, { pathname, searchParams }) => {
    if (pathname.endsWith(`/workspaces/${last}`)) return json(response, { slug: last })
    if (pathname.endsWith('/user')) return json(response, { username: 'ana', nickname: 'ana', uuid: '{1}' })
    const page = Number(searchParams.get('page') ?? 1)
    const values = slugs
      .slice((page - 1) * 100, page * 100)
      .map(slug => ({ administrator: true, workspace: { slug, uuid: '{1}' } }))
    return json(response, {
      values,
      ...(page * 100 < slugs.length ? { next: `${url}/elsewhere?page=${page + 1}` } : {}),
    })
  }
  const found = await lookUp('bitbucket', last)
  expect(await found.json()).toMatchObject({ owner: { name: last, role: 'admin' } })
  expect(asked.length).toBeLessThan(10)
  expect(asked.join('\n')).not.toContain('elsewhere')
})

it('asks GitHub for one name, however many there are, and takes no more of an answer than it should be', async () => {
  let sent = 0
  answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    const more = (): void => {
      if (response.destroyed) return
      sent += 1 << 20
      response.write(' '.repeat(1 << 20), () => (sent < 200 << 20 ? more() : response.end()))
    }
    more()
  }
  const said = (await (await lookUp('github', 'acme')).json()) as { why?: string }
  expect(said.why).toContain('longer')
  expect(sent).toBeLessThan(100 << 20)
  expect(asked.filter(line => /page|list/.test(line))).toEqual([])
})

it('lets go of the host when the person types on', async () => {
  let gone = (): void => {}
  const closed = new Promise<void>(done => {
    gone = done
  })
  const typesOn = new AbortController()
  answer = request => {
    request.socket.once('close', gone)
    typesOn.abort()
  }
  await expect(lookUp('github', 'acm', typesOn.signal)).rejects.toThrow()
  await closed
  expect(asked).toHaveLength(1)
}, 10_000)
