import { expect, it } from 'vitest'
import { appPath, imageTag, versionWords } from './words.ts'

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
