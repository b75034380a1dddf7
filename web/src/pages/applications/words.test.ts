import { expect, it } from 'vitest'
import { appPath, healthOf, imageTag, versionWords, worstHealth } from './words.ts'

const health = (state: Parameters<typeof healthOf>[0]['health']['state'], stuck = false, agrees = true) => ({
  agrees,
  health: { state, message: '', ...(stuck ? { stuck: { object: 'Deployment/shop/web', message: 'no image' } } : {}) },
})

it('calls what does not get on stuck, in lists, headers and panels alike', () => {
  expect(healthOf(health('progressing'))).toEqual({ state: 'moving', word: 'Progressing' })
  expect(healthOf(health('progressing', true))).toEqual({ state: 'attention', word: 'Stuck' })
  expect(healthOf(health('healthy', false, false)).word).toBe('Differs from Git')
})

it('says of an application what needs somebody most in any environment', () => {
  expect(worstHealth([health('healthy'), health('progressing', true), health('progressing')])?.word).toBe('Stuck')
  expect(worstHealth([health('progressing', true), health('failed')])?.word).toBe('Failed')
  expect(worstHealth([health('healthy'), health('suspended')])?.word).toBe('Suspended')
  expect(worstHealth([])).toBeUndefined()
})

it.each([
  ['nginx:1.27', '1.27'],
  ['host:5000/shop', 'host:5000/shop'],
  ['host:5000/shop:v2', 'v2'],
  [`shop@sha256:${'a'.repeat(64)}`, 'sha256:aaaaaaaaaaaa'],
])('says the image %s as %s', (image, tag) => expect(imageTag(image)).toBe(tag))

it('says the chart where there is no image', () => {
  expect(versionWords({ chart: { kind: 'Template', name: 'worker', version: '1.0.0' } })).toBe('1.0.0')
  expect(versionWords({})).toBeUndefined()
})

it('makes addresses of names', () =>
  expect(appPath('a b', { view: 'history' })).toBe('/applications/a%20b?view=history'))
