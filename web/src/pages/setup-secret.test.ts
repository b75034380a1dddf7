import { expect, it } from 'vitest'
import { secretIn } from './setup-secret.ts'

it.each([
  ['#secret=abc-1_2', 'abc-1_2'],
  ['#abc-1_2', 'abc-1_2'],
  ['#', undefined],
  ['', undefined],
  ['#secret=', undefined],
  ['#other=abc', undefined],
])('finds the secret in the fragment %j', (hash, secret) => expect(secretIn(hash)).toBe(secret))
