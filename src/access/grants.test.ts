import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allows, allowsSomewhere, beyond, bothAllow, everything } from './grants.ts'
import type { Grant } from './types.ts'

const name = fc.constantFrom('*', 'shop', 'bank')
const stage = fc.constantFrom('*', 'prod', 'test')
const role = fc.constantFrom('viewer', 'operator', 'administrator')
const grants: fc.Arbitrary<Grant[]> = fc.array(
  fc.record({ role, project: name, environment: stage }) as fc.Arbitrary<Grant>,
  { maxLength: 4 },
)
const scope = fc.record({ project: name, environment: stage })

describe('grants', () => {
  it('reach no further than their project and environment', () => {
    const operator: Grant[] = [{ role: 'operator', project: 'shop', environment: 'test' }]
    expect(allows(operator, 'viewer', { project: 'shop', environment: 'test' })).toBe(true)
    expect(allows(operator, 'administrator', { project: 'shop', environment: 'test' })).toBe(false)
    expect(allows(operator, 'viewer', { project: 'shop', environment: 'prod' })).toBe(false)
    expect(allows(operator, 'viewer', everything)).toBe(false)
    expect(allowsSomewhere(operator, 'operator')).toBe(true)
    expect(allows([{ role: 'viewer', project: '*', environment: '*' }], 'viewer', everything)).toBe(true)
  })

  it('of two lists give exactly what both give', () => {
    fc.assert(
      fc.property(grants, grants, role, scope, (a, b, wanted, where) => {
        // A scope that asks for everything is met by one grant alone, so only named scopes are compared.
        fc.pre(where.project !== '*' && where.environment !== '*')
        const both = bothAllow(a, b)
        expect(allows(both, wanted as Grant['role'], where)).toBe(
          allows(a, wanted as Grant['role'], where) && allows(b, wanted as Grant['role'], where),
        )
        expect(beyond(both, a)).toEqual([])
        expect(beyond(both, b)).toEqual([])
      }),
    )
  })
})
