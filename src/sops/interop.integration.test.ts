import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { decryptWith, encryptTo } from './age/file.ts'
import { parseIdentities, parseRecipient } from './age/keys.ts'
import { ageKeys, decryptFile, formatOf } from './index.ts'
import { sealFile } from './seal.ts'

const has = (program: string) => spawnSync(program, ['--version'], { timeout: 10_000 }).error === undefined
const samples = new URL('./testdata/', import.meta.url)
const keyFile = new URL('keys.agekey', samples).pathname
const text = readFileSync(keyFile, 'utf8')
const recipient = /age1\S+/.exec(text)![0]

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sluice-sops-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

describe.skipIf(!has('sops'))('with the program sops', () => {
  const env = { ...process.env, SOPS_AGE_KEY_FILE: keyFile }

  it.each(['plain.yaml', 'plain.json', 'plain.env', 'plain.bin'])(
    '%s: each opens what the other sealed',
    async name => {
      const plain = readFileSync(new URL(name, samples))
      const path = join(dir, name)
      writeFileSync(path, sealFile(plain, formatOf(name), { recipients: [recipient], rules: {}, clock: systemClock }))
      expect(execFileSync('sops', ['-d', path], { env }).equals(plain)).toBe(true)
      const theirs = execFileSync('sops', ['-e', '--age', recipient, new URL(name, samples).pathname], { env })
      expect((await decryptFile(name, theirs, ageKeys(text))).equals(plain)).toBe(true)
    },
  )
})

describe.skipIf(!has('age'))('with the program age', () => {
  it('each opens what the other sealed', () => {
    const bytes = Buffer.alloc(150_000, 'x')
    const ours = encryptTo([parseRecipient(recipient)], bytes)
    expect(execFileSync('age', ['-d', '-i', keyFile], { input: ours, maxBuffer: 1 << 20 }).equals(bytes)).toBe(true)
    const theirs = execFileSync('age', ['-r', recipient], { input: bytes, maxBuffer: 1 << 20 })
    expect(decryptWith(parseIdentities(text), theirs)?.equals(bytes)).toBe(true)
  })
})
