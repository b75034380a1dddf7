import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runSluice } from '../../../test/harness/run-sluice.ts'

const plain =
  'apiVersion: v1\nkind: Secret\nmetadata:\n    name: db\nstringData:\n    password: canary-81d2\n    user: app\n'
let dir = ''
let recipient = ''

const path = (name: string) => join(dir, name)
const read = (name: string) => readFileSync(path(name), 'utf8')
const secret = (args: string[], env: Record<string, string> = {}) => runSluice(['secret', ...args], { cwd: dir, env })
const sealed = async (name: string, text = plain) => {
  writeFileSync(path(name), text)
  const run = await secret(['seal', name])
  expect(run).toMatchObject({ code: 0, stderr: '' })
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-secret-'))
  const run = await secret(['keygen', '-o', 'key.agekey'])
  recipient = run.stdout.trim()
  expect(recipient).toMatch(/^age1/)
  expect(run.stderr + run.stdout).not.toContain('AGE-SECRET-KEY')
  writeFileSync(
    path('.sops.yaml'),
    `creation_rules:\n- path_regex: ^nobody/\n  kms: arn:aws:kms:x\n- path_regex: \\.ya?ml$\n  encrypted_regex: ^(data|stringData)$\n  age: >-\n    ${recipient}\n`,
  )
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe('sluice secret', () => {
  test('keygen writes the secret half for its owner alone, and never over a key', async () => {
    expect(statSync(path('key.agekey')).mode & 0o777).toBe(0o600)
    const before = read('key.agekey')
    expect(await secret(['keygen', '-o', 'key.agekey'])).toMatchObject({ code: 1 })
    expect(read('key.agekey')).toBe(before)
    expect(await secret(['keygen'])).toMatchObject({ code: 2 })
  })

  test('seal follows the creation rule of .sops.yaml, and leaves a file alone that it cannot seal', async () => {
    await sealed('s.yaml')
    expect(read('s.yaml')).toMatch(/^kind: Secret$/m)
    expect(read('s.yaml')).toContain('encrypted_regex: ^(data|stringData)$')
    expect(read('s.yaml')).not.toContain('canary-81d2')
    const again = read('s.yaml')
    expect(await secret(['seal', 's.yaml'])).toMatchObject({ code: 3, stderr: expect.stringContaining('sealed one') })
    expect(read('s.yaml')).toBe(again)
    mkdirSync(path('nobody'), { recursive: true })
    writeFileSync(path('nobody/s.yaml'), plain)
    expect(await secret(['seal', 'nobody/s.yaml'])).toMatchObject({ code: 3, stderr: expect.stringContaining('kms') })
    writeFileSync(path('key.pem'), 'pem')
    expect(await secret(['seal', 'key.pem'])).toMatchObject({ code: 3, stderr: expect.stringContaining('E_SOPS_RULE') })
    expect(read('nobody/s.yaml')).toBe(plain)
    writeFileSync(path('broken.yaml'), 'a: "canary-81d2\nb: 1')
    const broken = await secret(['seal', 'broken.yaml'])
    expect(broken.code).toBe(3)
    expect(broken.stderr).not.toContain('canary-81d2')
  })

  test('seal keeps a Secret readable enough to be applied when no rule says what to seal', async () => {
    mkdirSync(path('norule'), { recursive: true })
    writeFileSync(path('norule/.sops.yaml'), `creation_rules: [{age: "${recipient}"}]`)
    await sealed('norule/s.yaml')
    expect(read('norule/s.yaml')).toMatch(/^kind: Secret$/m)
  })

  test('edit changes what the editor changed, writes nothing when nothing changed, and asks again about nonsense', async () => {
    await sealed('e.yaml')
    const before = read('e.yaml')
    const edit = (editor: string) => secret(['edit', '--key', 'key.agekey', 'e.yaml'], { EDITOR: editor })
    expect(await edit('true')).toMatchObject({ code: 0, stdout: 'e.yaml is unchanged\n' })
    expect(read('e.yaml')).toBe(before)
    expect(await edit('false')).toMatchObject({ code: 1, stderr: expect.stringContaining('E_SECRET_EDITOR') })
    expect(await edit('sed -i s/canary-81d2/canary-9/')).toMatchObject({ code: 0 })
    const after = read('e.yaml')
    expect(after.split('\n').filter((line, at) => line !== before.split('\n')[at]).length).toBeLessThanOrEqual(3)
    const nonsense = await edit("sed -i '1s/.*/a: [/'")
    expect(nonsense).toMatchObject({ code: 3, stderr: expect.stringContaining('the editor opens again') })
    expect(nonsense.stderr).not.toContain('canary')
    expect(read('e.yaml')).toBe(after)
  })

  test('rotate takes a recipient out: the old key opens the file no more', async () => {
    await sealed('r.yaml')
    const other = (await secret(['keygen', '-o', 'other.agekey'])).stdout.trim()
    expect(await secret(['rotate', '--key', 'key.agekey', '--age', other, 'r.yaml'])).toMatchObject({ code: 0 })
    const old = await secret(['edit', '--key', 'key.agekey', 'r.yaml'], { EDITOR: 'true' })
    expect(old).toMatchObject({ code: 4, stderr: expect.stringContaining(other) })
    const fresh = await secret(['edit', 'r.yaml'], {
      EDITOR: 'grep -q canary-81d2',
      SOPS_AGE_KEY_FILE: path('other.agekey'),
    })
    expect(fresh).toMatchObject({ code: 0, stdout: 'r.yaml is unchanged\n' })
  })

  test('the plain text of an edit is gone after kill -9', async () => {
    await sealed('k.yaml')
    const memory = path('memory')
    mkdirSync(memory)
    const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname
    const child = spawn(process.execPath, [main, 'secret', 'edit', '--key', 'key.agekey', 'k.yaml'], {
      cwd: dir,
      env: {
        PATH: process.env['PATH'] ?? '',
        XDG_RUNTIME_DIR: memory,
        EDITOR: `touch '${path('opened')}'; exec sleep 5;:`,
      },
      stdio: 'ignore',
    })
    const until = async (holds: () => boolean) => {
      for (const deadline = performance.now() + 15_000; !holds(); ) {
        if (performance.now() > deadline) throw new Error('did not get there')
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
    await until(() => readdirSync(dir).includes('opened'))
    const [folder = ''] = readdirSync(memory)
    const file = join(memory, folder, 'k.yaml')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(memory, folder)).mode & 0o777).toBe(0o700)
    expect(readFileSync(file, 'utf8')).toContain('canary-81d2')
    child.kill('SIGKILL')
    await until(() => readdirSync(memory).length === 0)
  })
})
