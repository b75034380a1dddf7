import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { CliIo } from '../io.ts'
import { styleFor } from '../output/style.ts'
import { createProgram } from '../program.ts'
import { candidates } from './completion.ts'

function program() {
  const stream = new PassThrough()
  const style = styleFor({}, {})
  const io: CliIo = {
    env: {},
    cwd: '/',
    stdin: stream,
    stdout: stream,
    stderr: stream,
    signal: new AbortController().signal,
    out: style,
    err: style,
  }
  return createProgram(io, () => {})
}

describe('shell completion', () => {
  it.each([
    [['bo'], ['bootstrap']],
    [['get', 'so'], ['sources']],
    [
      ['get', 'clusters', '-o', ''],
      ['json', 'yaml', 'name', 'wide'],
    ],
    [['scale', 'prod', '--dry'], ['--dry-run']],
    [
      ['sandbox', ''],
      ['cluster', 'forge', 'aws'],
    ],
  ])('of %j offers %j', (words, expected) => expect(candidates(program(), words)).toEqual(expected))

  it('never offers what is hidden', () => {
    expect(candidates(program(), [''])).not.toContain('__complete')
    expect(candidates(program(), ['credential', ''])).not.toContain('erase')
  })
})
