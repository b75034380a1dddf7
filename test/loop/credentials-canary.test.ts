import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Secret } from '../../src/secrets/secret.ts'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { type Run, runSluice } from '../harness/run-sluice.ts'

describe('credentials that are kept, shown and replaced', () => {
  let fixture: LocalFixture
  let runs: Run[]
  let argv: string[]
  let forms: string[]
  let keyDir: string

  const formsOf = (secret: Secret) => {
    const text = secret.reveal()
    return [
      text,
      ...['', 'octo:', 'x-access-token:', 'git:'].map(name => Buffer.from(`${name}${text}`).toString('base64')),
      encodeURIComponent(text),
      Buffer.from(text).toString('hex'),
    ]
  }

  beforeAll(async () => {
    fixture = await startFixture()
    keyDir = await mkdtemp(join(tmpdir(), 'sluice-key-'))
    const { system, dataDir, args } = fixture
    const next = system.forge.admin.createToken({
      user: 'octo',
      kind: 'classic',
      scopes: ['repo', 'admin:org'],
      expiresAt: new Date(Date.now() + 10 * 86_400_000),
    })
    forms = [...formsOf(system.token), ...formsOf(next)]
    const env = {
      SLUICE_KEY_FILE: join(keyDir, 'store.key'),
      SLUICE_LOG: 'debug',
      SLUICE_DEBUG: '1',
    }
    const host = ['--host', system.forge.url, '--kind', 'github']
    const watch = watchArguments()
    const run = (line: string[], stdin?: Secret) =>
      runSluice([...line, ...args], { env, ...(stdin ? { stdin: stdin.reveal() } : {}) })
    const envFile = join(dataDir, 'github.env')
    runs = [
      await run(['bootstrap', '-f', exampleSpecs, '--yes']),
      await run(
        ['credential', 'add', system.forge.url, '--kind', 'github', '--name', 'kept', '--token-stdin'],
        system.token,
      ),
      await run(['credential', 'list', '-o', 'wide']),
      await run(['credential', 'show', 'kept', '-o', 'json']),
      await run(['credential', 'rekey']),
      await run(['token', 'rotate', ...host, '--new-token-file', '-', '--env-file', envFile, '--dry-run'], next),
      await run(['token', 'rotate', ...host, '--new-token-file', '-', '--env-file', envFile], next),
      await run(['get', 'credentials', '-o', 'yaml']),
      await run(['get', 'sources']),
      await run(['credential', 'add', system.forge.url, '--kind', 'gitlab', '--name', 'bad', '--token-stdin'], next),
      await run(['token', 'rotate', '--host', 'gitlab.com', '--new-token-file', '-', '--no-cluster'], next),
    ]
    argv = await watch()
  })
  afterAll(async () => {
    await fixture.close()
    await rm(keyDir, { recursive: true, force: true })
  })

  it('work: the token is replaced in the store, the cluster and the file, and its end is told', () => {
    expect(runs.slice(0, 9).map(run => run.code)).toEqual(Array(9).fill(0))
    expect(runs[6]!.stdout).toMatch(/^replace {2}Secret\/flux-system\/flux-system password/m)
    expect(runs[6]!.stdout).toMatch(/^3 replaced; 1 source is Ready with the new token$/m)
    expect(runs[8]!.stderr).toMatch(/warning Secret\/flux-system\/flux-system: .* ends on .*, in (?:9|10) days/)
    for (const run of runs.slice(9)) expect(run.code).toBeGreaterThan(0)
  })

  it('are not taken from a Secret for another host than that of its sources', async () => {
    const { args, dataDir, system } = fixture
    const envFile = join(dataDir, 'github.env')
    const secret = ['--old-secret', 'flux-system/flux-system', '--env-file', envFile]
    const next = system.forge.admin.createToken({ user: 'octo', kind: 'classic', scopes: ['repo'] })
    const run = await runSluice(
      [
        'token',
        'rotate',
        '--host',
        'http://127.0.0.1:9',
        '--kind',
        'github',
        '--new-token-file',
        '-',
        ...secret,
        ...args,
      ],
      { stdin: next.reveal() },
    )
    expect([run.code, run.stderr]).toEqual([4, expect.stringContaining('E_CREDENTIAL_HOST Secret/flux-system')])
  })

  it('are in no output, whether a command works or fails', () => {
    for (const run of runs) for (const form of forms) expect(`${run.stdout}${run.stderr}`).not.toContain(form)
  })

  it('are in no argument of any process', () => {
    expect(argv.length).toBeGreaterThan(10)
    for (const line of argv) for (const form of forms) expect(line).not.toContain(form)
  })

  it('are in no file but the one that is made to hold one', async () => {
    const entries = await readdir(fixture.dataDir, { withFileTypes: true, recursive: true })
    const holders: string[] = []
    for (const entry of entries.filter(one => one.isFile())) {
      const bytes = await readFile(join(entry.parentPath, entry.name))
      if (forms.some(form => bytes.includes(form))) holders.push(entry.name)
    }
    expect(holders).toEqual(['github.env'])
  })
})

/** Samples the arguments of every process until told to stop. */
function watchArguments(): () => Promise<string[]> {
  const seen = new Set<string>()
  let stopped = false
  const running = (async () => {
    while (!stopped) {
      for (const pid of (await readdir('/proc').catch(() => [])).filter(name => /^\d+$/.test(name))) {
        const line = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')
        if (line !== '') seen.add(line)
      }
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  })()
  return async () => {
    stopped = true
    await running
    return [...seen]
  }
}
