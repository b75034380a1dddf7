import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exampleSpecs, type LocalFixture, startFixture } from '../harness/local-fixture.ts'
import { type Run, runSluice } from '../harness/run-sluice.ts'

describe('the token of the Git host', () => {
  let fixture: LocalFixture
  let runs: Run[]
  let argv: string[]
  let forms: string[]

  beforeAll(async () => {
    fixture = await startFixture()
    const token = fixture.system.token.reveal()
    forms = [
      token,
      Buffer.from(token).toString('base64'),
      Buffer.from(`octo:${token}`).toString('base64'),
      Buffer.from(`x-access-token:${token}`).toString('base64'),
      Buffer.from(`git:${token}`).toString('base64'),
      encodeURIComponent(token),
      Buffer.from(token).toString('hex'),
    ]
    const watch = watchArguments()
    runs = [
      await runSluice(['check', '-f', exampleSpecs, ...fixture.args], {
        env: { SLUICE_LOG: 'debug', SLUICE_DEBUG: '1' },
      }),
      await runSluice(['bootstrap', '-f', exampleSpecs, '--yes', ...fixture.args], { env: { SLUICE_LOG: 'debug' } }),
      await runSluice(['scale', 'prod', 'web=4', ...fixture.args], { env: { SLUICE_LOG: 'debug' } }),
      await runSluice(['get', 'all', '-o', 'json', ...fixture.args]),
      await runSluice(['scale', 'nowhere', 'web=4', ...fixture.args], { env: { SLUICE_DEBUG: '1' } }),
      // A host that echoes what it was sent, in an error.
      await withEcho(fixture, () =>
        runSluice(['check', '-f', exampleSpecs, ...fixture.args], { env: { SLUICE_DEBUG: '1' } }),
      ),
    ]
    argv = await watch()
  })
  afterAll(() => fixture.close())

  it('is in no output of any command', () => {
    expect(runs.slice(0, 4).map(run => run.code)).toEqual([0, 0, 0, 0])
    for (const run of runs) for (const form of forms) expect(`${run.stdout}${run.stderr}`).not.toContain(form)
  })

  it('is in no argument of any process', () => {
    expect(argv.length).toBeGreaterThan(10)
    for (const line of argv) for (const form of forms) expect(line).not.toContain(form)
  })

  it('is in no file but the one that is made to hold it', async () => {
    const holders: string[] = []
    for (const path of await filesUnder(fixture.dataDir)) {
      const bytes = await readFile(path)
      if (forms.some(form => bytes.includes(form))) holders.push(path.slice(fixture.dataDir.length + 1))
    }
    expect(holders).toEqual(['github.env'])
  })

  it('is in no object of any repository', async () => {
    const repositories = (await readdir(fixture.dataDir, { withFileTypes: true, recursive: true }))
      .filter(entry => entry.isDirectory() && entry.name === 'objects')
      .map(entry => entry.parentPath)
    expect(repositories.length).toBeGreaterThan(0)
    for (const repository of repositories) {
      const args = ['--git-dir', repository, 'cat-file', '--batch-all-objects', '--batch', '--buffer']
      const { stdout } = await promisify(execFile)('git', args, { encoding: 'latin1', maxBuffer: 1 << 28 })
      expect(stdout.length).toBeGreaterThan(100)
      for (const form of forms) expect(stdout).not.toContain(form)
    }
  })
})

async function withEcho<T>({ system }: LocalFixture, work: () => Promise<T>): Promise<T> {
  const token = system.token.reveal()
  const behave = system.forge.misbehave({
    match: /\/user$/,
    times: 100,
    status: 500,
    headers: { 'content-type': 'text/html' },
    body: `<html>Authorization: Bearer ${token} http://octo:${token}@host/</html>`,
  })
  try {
    return await work()
  } finally {
    behave()
  }
}

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

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}
