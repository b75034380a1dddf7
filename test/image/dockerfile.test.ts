import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import ignore from 'ignore'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { engineComponents } from '../../src/layout/index.ts'

// No Docker here: what the Dockerfile says is read, and its steps are taken in a folder with the packages that are installed.
const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
let lines: string[] = []
let app = ''

beforeAll(async () => {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8')
  lines = text
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#'))
  app = await mkdtemp(join(tmpdir(), 'sluice-image-'))
})
afterAll(() => rm(app, { recursive: true, force: true }))

describe('the Dockerfile', () => {
  it('copies only what is there and what .dockerignore lets in', async () => {
    const rules = ignore().add(await readFile(join(root, '.dockerignore'), 'utf8'))
    const copied = lines
      .filter(line => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap(line => line.split(/\s+/).slice(1, -1))
    expect(copied).toContain('src')
    for (const path of copied) {
      await expect(stat(join(root, path)), path).resolves.toBeDefined()
      expect(rules.ignores(path), path).toBe(false)
    }
    for (const path of ['.git/config', 'node_modules/x', '.sluice/token', 'test/a.ts', 'github.env'])
      expect(rules.ignores(path), path).toBe(true)
  })

  it('ends as the user that the Deployment asks for, and starts what the Deployment gives arguments to', () => {
    const deployment = engineComponents({
      systemNamespace: 'flux-system',
      version: '1.0.0',
      crds: [],
      image: 'x',
    }).find(object => object.kind === 'Deployment')
    const { template } = deployment!['spec'] as {
      template: {
        spec: { securityContext: { runAsUser: number; runAsGroup: number }; containers: { args: string[] }[] }
      }
    }
    const { runAsUser, runAsGroup } = template.spec.securityContext
    expect(lines).toContain(`USER ${runAsUser}:${runAsGroup}`)
    expect(lines.find(line => line.startsWith('ENTRYPOINT'))).toBe('ENTRYPOINT ["node", "/app/dist/cli/main.js"]')
    expect(template.spec.containers[0]!.args[0]).toBe('engine')
  })

  it('gives a folder in which the engine starts with production packages alone, on files that cannot be written', async () => {
    const lock = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; optional?: boolean; hasInstallScript?: boolean }>
    }
    for (const [path, entry] of Object.entries(lock.packages)) {
      if (path === '' || entry.dev === true) continue
      const there = await stat(join(root, path)).catch(() => undefined)
      if (there === undefined && entry.optional === true) continue
      // Its script would build what it brings along, ready for each platform.
      if (entry.hasInstallScript) await expect(stat(join(root, path, 'prebuilds')), path).resolves.toBeDefined()
      await mkdir(dirname(join(app, path)), { recursive: true })
      await cp(join(root, path), join(app, path), { recursive: true })
    }
    for (const path of ['dist', 'package.json', 'LICENSE'])
      await cp(join(root, path), join(app, path), { recursive: true })
    await expect(stat(join(app, 'node_modules/typescript'))).rejects.toThrow()
    await run('chmod', ['-R', 'a-w', app])
    const env = { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production' }
    const main = join(app, 'dist/cli/main.js')
    const help = await run(process.execPath, [main, 'engine', '--help'], { env, cwd: '/' })
    expect(help.stdout).toContain('--health-addr')
    const manifests = await run(process.execPath, [main, 'engine', 'manifests', '--engine-image', 'a/b:1'], {
      env,
      cwd: '/',
    })
    expect(manifests.stdout).toContain('kind: Deployment')
    // All modules of the engine load: without a cluster it ends with the one reason that is left.
    const started = await run(process.execPath, [main, 'engine', '--data', join(app, 'data')], { env, cwd: '/' }).catch(
      (error: { stderr: string }) => error.stderr,
    )
    expect(started).toContain('E_NO_CONTEXT')
    await run('chmod', ['-R', 'u+w', app])
  })
})
