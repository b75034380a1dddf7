import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { behaviorOf } from './behavior.ts'

describe('the behavior of an image', () => {
  it.each([
    ['nginx', 'well'],
    ['nginx:1.29', 'well'],
    ['registry.local:5000/crashloopbackoff', 'well'],
    ['imagepullbackoff', 'well'],
    ['nginx:notcrashloopbackoffatall', 'well'],
    ['nginx:imagepullbackoff', 'unpullable'],
    ['registry.local:5000/team/app:1.2.3-ImagePullBackOff', 'unpullable'],
    [`nginx:neverready@sha256:${'0'.repeat(64)}`, 'unready'],
    ['nginx:crashloopbackoff', 'exit'],
  ])('%s is %s', (image, kind) => expect(behaviorOf(image).kind).toBe(kind))

  it('carries the exit code and the time of the tag', () => {
    expect(behaviorOf('a:v1_exit-3')).toEqual({ kind: 'exit', code: 3 })
    expect(behaviorOf('a:exit-0')).toEqual({ kind: 'exit', code: 0 })
    expect(behaviorOf('a:exit-999')).toEqual({ kind: 'exit', code: 255 })
    expect(behaviorOf('a:1.0-slow-90s')).toEqual({ kind: 'slow', ms: 90_000 })
    expect(behaviorOf('a:slow-500ms')).toEqual({ kind: 'slow', ms: 500 })
  })

  it('is there for every text', () => {
    fc.assert(fc.property(fc.string(), image => typeof behaviorOf(image).kind === 'string'))
  })
})
