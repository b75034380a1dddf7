import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { stringifyYaml } from '../../yaml/stringify.ts'
import type { CredentialSource } from '../access.ts'
import { ExecPlugin } from './exec-plugin.ts'
import { loadKubeConfig } from './load.ts'

const v1 = 'client.authentication.k8s.io/v1'
let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-exec-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A kubeconfig whose plugin is a shell script next to it. */
async function plugin(
  script: string,
  more: Record<string, unknown> = {},
  now = () => new Date(),
): Promise<CredentialSource> {
  const command = join(folder, 'plugin.sh')
  writeFileSync(command, `#!/bin/sh\ncd "${folder}"\n${script}\n`)
  chmodSync(command, 0o755)
  const path = join(folder, 'config')
  writeFileSync(
    path,
    stringifyYaml({
      'current-context': 'a',
      clusters: [{ name: 'a', cluster: { server: 'https://a.test' } }],
      users: [{ name: 'a', user: { exec: { apiVersion: v1, command: './plugin.sh', ...more } } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    }),
  )
  const clock = { now, monotonic: () => performance.now(), sleep: async () => {} }
  return (await loadKubeConfig({ path, env: { PATH: process.env['PATH'] }, clock })).credentials
}

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

const answer = (status: Record<string, unknown>, apiVersion = v1) =>
  `echo '${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`

describe('a credential plugin', () => {
  it('gets the environment, as of kubectl, without what is ours', async () => {
    const command = join(folder, 'env.sh')
    writeFileSync(command, `#!/bin/sh\nenv > "${folder}/env"\n${answer({ token: 'exec-token-0123456789' })}\n`)
    chmodSync(command, 0o755)
    const env = {
      PATH: process.env['PATH'],
      AWS_PROFILE: 'prod',
      SLUICE_KEY: 'canary-key',
      SLUICE_DATABASE_URL: 'canary-url',
    }
    const config = { apiVersion: v1, command, args: [], env: {} }
    await new ExecPlugin(config, env, systemClock).current()
    const seen = readFileSync(join(folder, 'env'), 'utf8')
    expect(seen).toContain('AWS_PROFILE=prod')
    expect(seen).not.toContain('canary')
  })

  it('is told what it asked for, and runs once for many', async () => {
    const source = await plugin(
      `echo run >> runs; printf %s "$KUBERNETES_EXEC_INFO" > info; printf '%s %s' "$1" "$EXTRA" > arguments; ${answer({ token: 'exec-token-0123456789' })}`,
      {
        args: ['--cluster'],
        env: [{ name: 'EXTRA', value: 'x' }],
        provideClusterInfo: true,
      },
    )
    const all = await Promise.all(Array.from({ length: 5 }, () => source.current()))
    expect(all.map(c => c.token?.reveal())).toEqual(Array(5).fill('exec-token-0123456789'))
    await source.current()
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\n')
    expect(readFileSync(join(folder, 'arguments'), 'utf8')).toBe('--cluster x')
    expect(JSON.parse(readFileSync(join(folder, 'info'), 'utf8'))).toEqual({
      apiVersion: v1,
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://a.test' } },
    })
    expect(source.refresh()).toBe(true)
    await source.current()
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\nrun\n')
  })

  it('runs again shortly before its credentials expire', async () => {
    let now = Date.parse('2030-01-01T00:00:00Z')
    rmSync(join(folder, 'runs'), { force: true })
    const script = `echo run >> runs; ${answer({ token: 'exec-token', expirationTimestamp: '2030-01-01T01:00:00Z' })}`
    const source = await plugin(script, {}, () => new Date(now))
    await source.current()
    now += 3_500_000
    await source.current()
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\n')
    now += 95_000
    await source.current()
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('run\nrun\n')
  })

  it('can give a client certificate', async () => {
    const source = await plugin(answer({ clientCertificateData: 'CERT', clientKeyData: 'KEY' }))
    const { clientCertificate } = await source.current()
    expect([clientCertificate?.certificate, clientCertificate?.key.reveal()]).toEqual(['CERT', 'KEY'])
  })

  it.each([
    [
      'that fails',
      'echo "please sign in: token=ghp_0123456789012345678901234567890123456789" >&2; exit 3',
      'exit code 3: please sign in: token=***',
    ],
    ['that prints no JSON', 'echo hello', 'an answer that is not JSON'],
    ['that prints nothing of use', answer({}), 'neither a token nor a certificate'],
    [
      'that answers in another version',
      answer({ token: 't' }, 'client.authentication.k8s.io/v1beta1'),
      'v1beta1 where',
    ],
    ['that prints something else', 'echo \'{"kind":"Pod"}\'', 'without an ExecCredential'],
  ])('%s is an error that says so', async (_, script, words) => {
    const source = await plugin(script)
    await expect(source.current()).rejects.toMatchObject({
      code: 'E_KUBE_EXEC',
      message: expect.stringContaining(words),
    })
  })

  it('that hangs is ended in time, with everything that it started', async () => {
    const command = join(folder, 'hangs.sh')
    writeFileSync(command, `#!/bin/sh\necho $$ > '${folder}/pid'\nsleep 300\n`)
    chmodSync(command, 0o755)
    const config = { apiVersion: v1, command, args: [], env: {} }
    const source = new ExecPlugin(config, { PATH: process.env['PATH'] }, systemClock, 500)
    await expect(source.current()).rejects.toMatchObject({
      code: 'E_KUBE_EXEC',
      message: expect.stringContaining('no answer within 0.5 s'),
    })
    const group = -Number(readFileSync(join(folder, 'pid'), 'utf8'))
    await expect.poll(() => attempt(() => process.kill(group, 0)), { timeout: 10_000 }).toBe('ESRCH')
  })

  it('that hangs does not hold up who gives up waiting', async () => {
    const source = await plugin('sleep 2')
    const stop = new AbortController()
    const waiting = source.current(stop.signal)
    stop.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'E_ABORTED' })
  })

  it('that is missing is an error with its hint for installation', async () => {
    const source = await plugin('', { command: './missing.sh', installHint: 'Install it so.' })
    await expect(source.current()).rejects.toMatchObject({
      code: 'E_KUBE_EXEC',
      next: 'Install it so.',
      message: expect.stringContaining('not there'),
    })
  })
})
