import { describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { SluiceError } from '../base/errors/index.ts'
import { type Check, type CheckLine, runChecklist } from './checklist.ts'

async function run(checks: Check<{ seen: string[] }>[], signal?: AbortSignal): Promise<[CheckLine[], string[]]> {
  const state = { seen: [] as string[] }
  const lines: CheckLine[] = []
  for await (const line of runChecklist(checks, state, { clock: systemClock, ...(signal && { signal }) }))
    lines.push(line)
  return [lines, state.seen]
}

const check = (
  id: string,
  needs: string[],
  result: () => string | { warn: string; fix?: string },
): Check<{ seen: string[] }> => ({
  id,
  title: `check ${id}`,
  needs,
  run: state => {
    state.seen.push(id)
    return result()
  },
})
const fail = () => {
  throw new SluiceError('E_TOKEN_REFUSED', { seen: 'no', details: { hostSaid: 'Bad credentials' } })
}

describe('a checklist', () => {
  it('shows one failure for one cause: what needs it, also over others, does not run', async () => {
    const [lines, seen] = await run([
      check('a', [], () => 'fine'),
      check('b', ['a'], fail),
      check('c', ['b'], () => 'never'),
      check('d', ['c'], () => 'never'),
      check('e', ['a'], () => ({ warn: 'careful', fix: 'look' })),
      check('f', ['e'], () => 'fine'),
    ])
    expect(lines.map(line => line.status)).toEqual(['pass', 'fail', 'not-run', 'not-run', 'warn', 'pass'])
    expect(lines[3]!.detail).toBe('waits for: check b')
    expect(lines[1]).toMatchObject({
      code: 'E_TOKEN_REFUSED',
      hostSaid: 'Bad credentials',
      fix: expect.stringContaining('new token'),
    })
    expect(seen).toEqual(['a', 'b', 'e', 'f'])
  })

  it('names a fault of its own, and ends when it is stopped', async () => {
    const [lines] = await run([
      check('a', [], () => {
        throw new Error('oops')
      }),
    ])
    expect(lines[0]).toMatchObject({ status: 'fail', code: 'E_INTERNAL' })
    const stop = new AbortController()
    stop.abort(new Error('enough'))
    await expect(run([check('a', [], () => 'x')], stop.signal)).rejects.toThrow('enough')
  })
})
