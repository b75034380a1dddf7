import { expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import { type LogFields, silentLogger } from '../../base/log.ts'
import { RefusalLog } from './refusal-log.ts'

test('a flood of refused calls is a line a minute, with their number', () => {
  let now = 0
  const lines: (LogFields | undefined)[] = []
  const log = new RefusalLog(
    { ...systemClock, monotonic: () => now },
    { ...silentLogger, warn: (_message, fields) => lines.push(fields) },
  )
  for (let i = 0; i < 1000; i++) log.add('apps/r', 'no proof')
  log.add('apps/r', 'another reason')
  now = 60_000
  log.add('apps/r', 'no proof')
  expect(lines).toEqual([
    { receiver: 'apps/r', why: 'no proof' },
    { receiver: 'apps/r', why: 'another reason' },
    { receiver: 'apps/r', why: 'no proof', alsoSince: 999 },
  ])
})
