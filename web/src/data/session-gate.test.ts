import { expect, it } from 'vitest'
import { SessionGate } from './session-gate.ts'

it('holds requests until the person has signed in again, and asks once for all of them', async () => {
  const gate = new SessionGate()
  let told = 0
  gate.subscribe(() => told++)
  const waiting = [gate.renewed(), gate.renewed()]
  expect(gate.ended).toBe(true)
  expect(told).toBe(1)
  gate.open()
  await Promise.all(waiting)
  expect(gate.ended).toBe(false)
})

it('lets go of a request that is given up', async () => {
  const gate = new SessionGate()
  const stop = new AbortController()
  const waiting = gate.renewed(stop.signal)
  stop.abort(new Error('left the page'))
  await expect(waiting).rejects.toThrow('left the page')
})
