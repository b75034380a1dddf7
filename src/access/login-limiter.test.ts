import { describe, expect, it } from 'vitest'
import { type Clock, systemClock } from '../base/clock.ts'
import { LoginLimiter } from './login-limiter.ts'

function held(): { clock: Clock; pass(ms: number): void } {
  let now = 1
  return { clock: { ...systemClock, monotonic: () => now }, pass: ms => void (now += ms) }
}

describe('the login limiter', () => {
  it('makes each further guess wait longer, and lets others of the address in', () => {
    const { clock, pass } = held()
    const limiter = new LoginLimiter(clock)
    for (let i = 0; i < 5; i++) {
      limiter.check('10.0.0.1', 'ada')
      limiter.failed('10.0.0.1', 'ada')
    }
    expect(() => limiter.check('10.0.0.1', 'ADA')).toThrow(expect.objectContaining({ code: 'E_SIGN_IN_LIMIT' }))
    limiter.check('10.0.0.1', 'grace')
    limiter.check('10.0.0.2', 'ada')
    pass(1001)
    limiter.check('10.0.0.1', 'ada')
    limiter.failed('10.0.0.1', 'ada')
    pass(1001)
    expect(() => limiter.check('10.0.0.1', 'ada')).toThrow()
    pass(1000)
    limiter.check('10.0.0.1', 'ada')
    limiter.succeeded('10.0.0.1', 'ada')
    limiter.failed('10.0.0.1', 'ada')
    limiter.check('10.0.0.1', 'ada')
  })

  it('counts tries at the same time before any of them has failed, and takes back one that was right', () => {
    const { clock } = held()
    const limiter = new LoginLimiter(clock)
    for (let i = 0; i < 5; i++) limiter.begin('10.0.0.1', 'ada')
    expect(() => limiter.begin('10.0.0.1', 'ada')).toThrow(expect.objectContaining({ code: 'E_SIGN_IN_LIMIT' }))
    const shared = new LoginLimiter(clock)
    for (let i = 0; i < 200; i++) {
      shared.begin('10.0.0.1', `person ${i}`)
      shared.succeeded('10.0.0.1', `person ${i}`)
    }
    shared.begin('10.0.0.1', 'one more')
  })

  it('lets nobody be kept out, where they came in before, by guesses at their name from elsewhere', () => {
    const { clock } = held()
    const limiter = new LoginLimiter(clock)
    limiter.begin('10.0.0.1', 'ada')
    limiter.succeeded('10.0.0.1', 'ada')
    for (let i = 0; i < 60; i++) limiter.failed(`10.6.6.${i}`, 'ada')
    limiter.begin('10.0.0.1', 'ada')
    expect(() => limiter.begin('10.9.9.9', 'ada')).toThrow()
  })

  it('stops one name from many addresses and many names from one', () => {
    const { clock } = held()
    const limiter = new LoginLimiter(clock)
    for (let i = 0; i < 50; i++) limiter.failed(`10.0.0.${i}`, 'ada')
    expect(() => limiter.check('10.9.9.9', 'ada')).toThrow()
    for (let i = 0; i < 50; i++) limiter.failed('10.1.1.1', `name-${i}`)
    expect(() => limiter.check('10.1.1.1', 'somebody else')).toThrow()
  })
})
