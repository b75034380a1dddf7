import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SkipClock } from '../../../bench/applications/skip-clock.ts'
import { configMap, messageOf } from '../../../src/engine/testing/world.ts'
import { conditionOf } from '../../../src/kube/condition.ts'
import { type FaultyWorld, openFaultyWorld } from './harness/faulty-world.ts'
import { Survivals } from './harness/survivals.ts'

// Faults of the Git host, rows F14 to F20: what was applied stays, and the next good answer is taken.
const survivals = new Survivals('Git host')
const run = promisify(execFile)
const clock = new SkipClock(5000)
let faulty: FaultyWorld
let round = 0
let uid: string | undefined

beforeAll(async () => {
  faulty = await openFaultyWorld({ 'app/a.yaml': configMap('a') })
  await faulty.start({ clock, lease: { durationMs: 36_000_000 } })
  await faulty.world.source({ url: faulty.url, timeout: '3s' })
  await faulty.world.kustomization('app', { retryInterval: '1s' })
  await faulty.world.ready('app')
  uid = (await faulty.world.find('ConfigMap', 'a'))?.metadata.uid
})
afterAll(() => faulty.close())

const commit = () => faulty.world.commit({ 'app/a.yaml': configMap('a', { round: String(++round) }) })
const look = () => faulty.world.engine?.notifyPush({ url: faulty.url, ref: 'refs/heads/main' })

/** The very object of the beginning is there, and a commit is applied. */
async function expectWell(target: string): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    look()
    clock.skip(660_000)
    const object = await faulty.world.find('Kustomization', 'app')
    if (conditionOf(object, 'Ready')?.message === `Applied revision: main@sha1:${target}`) break
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  await faulty.world.ready('app', target)
  expect((await faulty.world.find('ConfigMap', 'a'))?.metadata.uid).toBe(uid)
}

async function sourceFails(): Promise<string> {
  const source = await faulty.world.until('GitRepository', 'fleet', object => {
    clock.skip(10_000)
    look()
    return conditionOf(object, 'Ready')?.status === 'False'
  })
  expect((await faulty.world.find('ConfigMap', 'a'))?.metadata.uid).toBe(uid)
  return messageOf(source)
}

test('it drops the connection in the middle of a pack', async () => {
  await survivals.row('F14 connection dropped at byte k of an answer', [0, 1, 4, 30, 100, 300, 1000], async cutAt => {
    let left = 2
    faulty.git.fault = (request, response) => {
      if (request.method !== 'POST' || left-- <= 0) return 'pass'
      response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' })
      response.write(`0008NAK\n${'x'.repeat(1000)}`.slice(0, cutAt), () => response.destroy())
      return 'handled'
    }
    await expectWell(await commit())
    faulty.git.fault = () => 'pass'
  })
})

test('it is down, or something else answers in its place', async () => {
  const faults: Record<string, [number, Record<string, string>, string]> = {
    'login page': [200, { 'content-type': 'text/html' }, '<!doctype html><title>Sign in</title>'],
    redirect: [302, { location: 'https://sso.example.com/login' }, ''],
    unauthorized: [401, { 'www-authenticate': 'Basic realm="git"' }, 'no'],
    'server error': [503, {}, 'try later'],
    gone: [404, {}, 'not found'],
  }
  await survivals.row(
    'F16, F18 login page, SSO redirect, 401, 503, 404, refused',
    [...Object.entries(faults), undefined],
    async fault => {
      faulty.git.fault = (_request, response) => {
        if (fault === undefined) response.destroy()
        else {
          const [code, headers, body] = fault[1]
          response.writeHead(code, headers).end(body)
        }
        return 'handled'
      }
      const target = await commit()
      const message = await sourceFails()
      expect(message).not.toBe('')
      faulty.git.fault = () => 'pass'
      await expectWell(target)
    },
  )
})

test('its history is rewritten, its branch deleted, its folder emptied', async () => {
  const repository = join(faulty.world.dir, 'forge')
  const { stdout } = await run('find', [repository, '-maxdepth', '4', '-type', 'd', '-name', '*.git'])
  const gitDir = stdout.split('\n')[0] ?? ''
  const git = async (...args: string[]) => (await run('git', ['--git-dir', gitDir, ...args])).stdout.trim()
  const back = async (target: string) => {
    await git('update-ref', 'refs/heads/main', target)
    look()
  }
  await survivals.row('F17 force-push to an older and to an unrelated commit', ['older', 'unrelated'], async how => {
    const newest = await git('rev-parse', 'refs/heads/main')
    const tree = await git('rev-parse', 'refs/heads/main^{tree}')
    const target =
      how === 'older'
        ? await git('rev-parse', 'refs/heads/main~1')
        : await git('-c', 'user.name=x', '-c', 'user.email=x@example.com', 'commit-tree', '-m', 'Start over', tree)
    await back(target)
    await expectWell(target)
    expect(faulty.world.events.some(({ reason }) => reason === 'HistoryRewritten')).toBe(true)
    await back(newest)
    await expectWell(newest)
  })
  await survivals.row('F18 branch deleted', ['main'], async () => {
    const newest = await git('rev-parse', 'refs/heads/main')
    await git('update-ref', 'refs/heads/keep', newest)
    await git('update-ref', '-d', 'refs/heads/main')
    expect(await sourceFails()).toContain('main')
    await back(newest)
    await expectWell(newest)
  })
  await survivals.row('F19 path emptied, path gone', ['emptied', 'gone'], async how => {
    const empty = { 'app/a.yaml': undefined, 'app/readme.txt': how === 'emptied' ? 'nothing here' : undefined }
    await faulty.world.commit({ ...empty, 'elsewhere.txt': how })
    look()
    await faulty.world.until('Kustomization', 'app', object => {
      clock.skip(10_000)
      return conditionOf(object, 'Ready')?.status === 'False'
    })
    expect((await faulty.world.find('ConfigMap', 'a'))?.metadata.uid).toBe(uid)
    await expectWell(await commit())
  })
})

test('it takes a token no longer, and then takes another', async () => {
  const { world, git, url } = faulty
  const secret = (password: string) =>
    world.apply({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login', namespace: 'apps' } },
      stringData: { username: 'octo', password },
    })
  await secret('token-that-has-expired')
  await world.source({ url, timeout: '3s', secretRef: { name: 'login' } })
  await survivals.row('F20 a token that expired, and one that takes its place', ['first', 'second'], async name => {
    const good = `Basic ${Buffer.from(`octo:token-${name}`).toString('base64')}`
    git.fault = (request, response) => {
      if (request.headers.authorization === good) {
        delete request.headers.authorization
        return 'pass'
      }
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
      return 'handled'
    }
    const target = await commit()
    expect(await sourceFails()).not.toContain('token-')
    await secret(`token-${name}`)
    await expectWell(target)
  })
  git.fault = () => 'pass'
})
