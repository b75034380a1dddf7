import { mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { checkAddress, serveStorage } from './server.ts'
import { ArtifactStorage } from './storage.ts'

let dir: string
let storage: ArtifactStorage
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sluice-storage-'))
  storage = new ArtifactStorage({ dir, clock: systemClock, advertised: 'sluice.flux-system.svc' })
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const artifact = (file: string, text = file) => ({
  kind: 'GitRepository',
  namespace: 'apps',
  name: 'fleet',
  file,
  revision: 'main@sha1:1',
  bytes: Buffer.from(text),
})

describe('an artifact', () => {
  test('has the shape of Flux', async () => {
    expect(await storage.put(artifact('a.tar.gz', 'hello'))).toEqual({
      digest: 'sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
      lastUpdateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      path: 'gitrepository/apps/fleet/a.tar.gz',
      revision: 'main@sha1:1',
      size: 5,
      url: 'http://sluice.flux-system.svc/gitrepository/apps/fleet/a.tar.gz',
    })
  })

  test('with a flipped bit, or cut, is never read', async () => {
    const stored = await storage.put(artifact('a.tar.gz', 'hello world'))
    const path = join(dir, stored.path)
    const good = await readFile(path)
    for (let at = 0; at < good.length; at++) {
      const hurt = Buffer.from(good)
      hurt[at]! ^= 1
      await writeFile(path, hurt)
      expect(await storage.read(stored)).toBeUndefined()
      expect(await storage.check(stored)).toBe('damaged')
      await writeFile(path, good.subarray(0, at))
      expect(await storage.open(stored)).toBeUndefined()
    }
    await rm(path)
    expect(await storage.check(stored)).toBe('missing')
  })

  test('whose path leaves the store is none', async () => {
    for (const path of [
      '../../etc/passwd',
      'a/../../x/y',
      '/etc/passwd',
      'gitrepository/apps/fleet/../x',
      'a/b/c',
      'a/b/c/.x',
    ]) {
      expect(storage.localPath({ path })).toBeUndefined()
    }
    await expect(storage.put(artifact('../x'))).rejects.toThrow(/cannot be the path/)
    await expect(storage.put({ ...artifact('x'), namespace: '..' })).rejects.toThrow(/cannot be the path/)
  })
})

test('old artifacts go by age and number, the current one stays', async () => {
  const current = await storage.put(artifact('1.tar.gz'))
  for (const file of ['2.tar.gz', '3.tar.gz', '4.tar.gz']) await storage.put(artifact(file))
  const folder = join(dir, 'gitrepository/apps/fleet')
  const age = (file: string, seconds: number) => utimes(join(folder, file), 0, Date.now() / 1000 - seconds)
  await age('1.tar.gz', 5000)
  await age('2.tar.gz', 5000)
  await age('3.tar.gz', 20)
  await age('4.tar.gz', 10)
  expect(await storage.collect(current)).toBe(2)
  expect((await readdir(folder)).sort()).toEqual(['1.tar.gz', '4.tar.gz'])
  await storage.removeAll('GitRepository', 'apps', 'fleet')
  expect(await readdir(join(dir, 'gitrepository/apps'))).toEqual([])
})

describe('the store over HTTP', () => {
  test('says when it cannot be served at an address', async () => {
    const first = await serveStorage(storage, '127.0.0.1:0')
    try {
      for (const address of [first.address, 'nonsense', ':99999', '127.0.0.1']) {
        await expect(checkAddress(address), address).rejects.toMatchObject({ code: 'E_ENGINE_STORAGE_ADDRESS' })
        await expect(serveStorage(storage, address)).rejects.toMatchObject({ code: 'E_ENGINE_STORAGE_ADDRESS' })
      }
      await checkAddress('127.0.0.1:0')
    } finally {
      await first.close()
    }
  })

  test('gives artifacts and the newest one, and nothing else', async () => {
    const stored = await storage.put(artifact('a.tar.gz', 'hello'))
    expect(await storage.pointLatest(stored, 'latest.tar.gz')).toBe(
      'http://sluice.flux-system.svc/gitrepository/apps/fleet/latest.tar.gz',
    )
    await writeFile(join(dir, 'secret'), 'secret')
    await symlink('/etc/hostname', join(dir, 'gitrepository/apps/fleet/evil'))
    const server = await serveStorage(storage, '127.0.0.1:0')
    try {
      const get = (path: string, method = 'GET') => fetch(`http://${server.address}${path}`, { method })
      expect(await (await get(`/${stored.path}`)).text()).toBe('hello')
      expect(await (await get('/gitrepository/apps/fleet/latest.tar.gz')).text()).toBe('hello')
      expect((await get(`/${stored.path}`, 'HEAD')).headers.get('content-length')).toBe('5')
      for (const path of [
        '/',
        '/secret',
        '/gitrepository/apps/fleet/',
        '/gitrepository/apps/fleet/evil',
        '/gitrepository/apps/fleet/..%2f..%2f..%2fsecret',
        '/%2e%2e/secret',
        '/%',
      ]) {
        expect((await get(path)).status, path).toBe(404)
      }
      expect((await get(`/${stored.path}`, 'PUT')).status).toBe(405)
    } finally {
      await server.close()
    }
  })
})
