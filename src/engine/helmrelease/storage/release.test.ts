import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { KubeObject } from '../../../kube/object.ts'
import { joinMembers, rawItems, rawMembers } from './raw-json.ts'
import { decodeRelease, digestRelease, encodeWithStatus } from './release.ts'

test('members and items come out as they are written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.option(fc.nat(4)), (value, indent) => {
      const json = JSON.stringify(value, null, indent ?? undefined)
      const members = rawMembers(json)
      expect(JSON.parse(joinMembers(members))).toEqual(JSON.parse(json))
      for (const [key, raw] of members) expect(json).toContain(raw === '' ? key : raw)
    }),
  )
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), list => {
      expect(rawItems(JSON.stringify(list)).map(item => JSON.parse(item))).toEqual(JSON.parse(JSON.stringify(list)))
    }),
  )
})

const hook = (name: string, event: string) =>
  `{"name":"${name}","kind":"Pod","events":["${event}"],"last_run":{"phase":""}}`
const json =
  '{"name":"web","info":{"first_deployed":"2026-01-01T00:00:00.5Z","last_deployed":"2026-01-02T00:00:00Z","description":"ok \\u003c1\\u003e","status":"pending-install"},' +
  '"chart":{"metadata":{"name":"c","version":"1.0.0"},"lock":null},"config":{"big":12345678901234567890},"manifest":"---\\n",' +
  `"hooks":[${hook('a', 'pre-install')},${hook('t', 'test')}],"version":3,"namespace":"apps"}`
const secret = {
  data: { release: Buffer.from(gzipSync(json).toString('base64')).toString('base64') },
} as unknown as KubeObject

test('a stored release is read, and its digest is that of the JSON that Flux hashes', () => {
  const release = decodeRelease(secret)!
  expect(release).toMatchObject({
    name: 'web',
    version: 3,
    status: 'pending-install',
    chart: { name: 'c', version: '1.0.0' },
  })
  const observed =
    '{"name":"web","version":3,"info":{"first_deployed":"2026-01-01T00:00:00.5Z","last_deployed":"2026-01-02T00:00:00Z","description":"ok \\u003c1\\u003e","status":"pending-install"},' +
    `"chartMetadata":{"name":"c","version":"1.0.0"},"config":{"big":12345678901234567890},"manifest":"---\\n","hooks":[${hook('a', 'pre-install')}],"namespace":"apps","ociDigest":""}\n`
  expect(digestRelease(release)).toBe(`sha256:${createHash('sha256').update(observed).digest('hex')}`)
  expect(digestRelease(release, 'sha256:x')).not.toBe(digestRelease(release))
})

test('another status changes the status and nothing else', () => {
  const encoded = encodeWithStatus(decodeRelease(secret)!, 'failed', 'Release unlocked')
  const text = gunzipSync(Buffer.from(Buffer.from(encoded, 'base64').toString(), 'base64')).toString()
  expect(text).toBe(
    json
      .replace('pending-install', 'failed')
      .replace('ok \\u003c1\\u003e', 'Release unlocked')
      .replace('"failed"}', '"failed"}'),
  )
})

test('what holds no release is none', () => {
  for (const data of [undefined, {}, { release: 'AAAA' }, { release: Buffer.from('H4sI').toString('base64') }]) {
    expect(decodeRelease({ ...(data === undefined ? {} : { data }) } as unknown as KubeObject)).toBeUndefined()
  }
})
