import { expect, it } from 'vitest'
import { holds } from './session.tsx'

const grant = (role: 'viewer' | 'operator' | 'administrator', project = '*', environment = '*') => ({
  role,
  project,
  environment,
})

it('lets each role do what the one before it may', () => {
  expect(holds([grant('operator')], 'viewer')).toBe(true)
  expect(holds([grant('operator')], 'operator')).toBe(true)
  expect(holds([grant('operator')], 'administrator')).toBe(false)
})

it('keeps a grant to its project and environment', () => {
  const grants = [grant('operator', 'shop', 'staging'), grant('viewer')]
  expect(holds(grants, 'operator', { project: 'shop', environment: 'staging' })).toBe(true)
  expect(holds(grants, 'operator', { project: 'shop', environment: 'production' })).toBe(false)
  expect(holds(grants, 'operator', { project: 'bank' })).toBe(false)
  expect(holds(grants, 'viewer', { project: 'bank' })).toBe(true)
})

it('gives nothing to nobody', () => expect(holds([], 'viewer')).toBe(false))
