import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LogFile } from './log-file.ts'

describe('a log file', () => {
  let dir: string
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'sluice-log-'))
  })
  afterEach(() => rmSync(dir, { recursive: true, force: true }))

  it('goes on where it ended, for its owner alone', () => {
    const path = join(dir, 'logs', 'engine.log')
    for (const line of ['one\n', 'two\n']) {
      const log = new LogFile(path)
      log.write(line)
      log.close()
    }
    expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('keeps one file before the present one', () => {
    const path = join(dir, 'engine.log')
    const log = new LogFile(path, 8)
    for (const line of ['aaaaaaa\n', 'bbbbbbb\n', 'ccccccc\n']) log.write(line)
    log.close()
    expect([readFileSync(`${path}.1`, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['bbbbbbb\n', 'ccccccc\n'])
    expect(existsSync(`${path}.2`)).toBe(false)
  })

  it('holds nothing up when it cannot be written', () => {
    writeFileSync(join(dir, 'file'), '')
    const log = new LogFile(join(dir, 'file', 'engine.log'))
    expect(() => log.write('x\n')).not.toThrow()
    log.close()
  })
})
