import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fromFieldsV1, toFieldsV1 } from './fields-v1.ts'

const folder = join('..', 'shared', 'data', 'kube-scenarios')

describe.skipIf(!existsSync(folder))('fieldsV1 as a real API server writes it', () => {
  it('is read and written again byte for byte', () => {
    let seen = 0
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) return value.forEach(visit)
      if (typeof value !== 'object' || value === null) return
      for (const [key, item] of Object.entries(value)) {
        if (key !== 'fieldsV1') visit(item)
        // Identities are recorded as <uid-1>, and "<" is one of the characters that Go escapes.
        else if (!JSON.stringify(item).includes('<')) {
          seen++
          expect(JSON.stringify(toFieldsV1(fromFieldsV1(item)!))).toBe(JSON.stringify(item))
        }
      }
    }
    for (const file of readdirSync(folder).filter(name => name.endsWith('.json'))) {
      const { scenarios } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
        scenarios: { steps: { expect?: unknown }[] }[]
      }
      for (const { steps } of scenarios) for (const { expect: answer } of steps) visit(answer)
    }
    expect(seen).toBeGreaterThan(100)
  })
})
