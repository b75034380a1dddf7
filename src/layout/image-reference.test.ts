import { expect, it } from 'vitest'
import { isImageReference } from './image-reference.ts'

it.each([
  'sluice',
  'registry.example.com/sluice:0.1.0',
  'registry.example.com:5000/team/sluice__x:0.1.0',
  `ghcr.io/acme/sluice@sha256:${'a'.repeat(64)}`,
])('takes %s', text => expect(isImageReference(text)).toBe(true))

it.each(['', 'a b', 'https://a/b', 'UPPER/case/Image', 'a:', 'a@sha256:abc', `a/${'b'.repeat(500)}`])(
  'refuses %j',
  text => expect(isImageReference(text)).toBe(false),
)
