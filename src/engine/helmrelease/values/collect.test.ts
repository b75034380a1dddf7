import { expect, test } from 'vitest'
import type { KubeObject } from '../../../kube/object.ts'
import type { HelmRelease } from '../../../specs/flux/helm-release.ts'
import { collectValues } from './collect.ts'

const objects: Record<string, Record<string, string>> = {
  'ConfigMap/base': { 'values.yaml': 'a: {x: 1, z: 2}\nlist: [1, 2]\nonly: base\n', port: '8080' },
  'ConfigMap/over': { 'values.yaml': 'a: {z: 3}\nlist: [9]\n', other: 'a: {w: 4}' },
  'Secret/password': { key: Buffer.from('s3cret-word').toString('base64') },
  'ConfigMap/broken': { 'values.yaml': 'a: [' },
}
const read = async (kind: string, name: string) => {
  const data = objects[`${kind}/${name}`]
  return data && ({ apiVersion: 'v1', kind, metadata: { name }, data } as unknown as KubeObject)
}
const collect = (valuesFrom: object[], values?: object) =>
  collectValues({ metadata: { namespace: 'apps' }, spec: { valuesFrom, values } } as unknown as HelmRelease, read)
const from = (name: string, more: object = {}) => ({ kind: 'ConfigMap', name, ...more })

test('later sources win over earlier ones, maps merge, lists replace, and inline values win over all', async () => {
  expect(await collect([from('base'), from('over')], { a: { x: 0 } })).toEqual({
    a: { x: 0, z: 3 },
    list: [9],
    only: 'base',
  })
})

test('a key names the values', async () => {
  expect(await collect([from('over', { valuesKey: 'other' })])).toEqual({ a: { w: 4 } })
})

test('a target path takes one value, which wins over inline values in a table that only these have', async () => {
  const target = from('base', { valuesKey: 'port', targetPath: 'a.b' })
  expect(await collect([target], { a: { b: 1, c: 2 } })).toEqual({ a: { b: 8080, c: 2 } })
})

test('a target path at the top loses against an inline value, as in Flux', async () => {
  expect(await collect([from('base', { valuesKey: 'port', targetPath: 'b' })], { b: 1 })).toEqual({ b: 1 })
})

test('what is optional may lack its object or its key, but not be broken', async () => {
  expect(
    await collect([from('none', { optional: true }), from('base', { valuesKey: 'none', optional: true })]),
  ).toEqual({})
  await expect(collect([from('broken', { optional: true })])).rejects.toThrow(
    "could not resolve optional ConfigMap chart values reference 'apps/broken' with key 'values.yaml': ",
  )
})

test('what is missing is named in the words of Flux', async () => {
  await expect(collect([from('none')])).rejects.toThrow(
    `could not resolve ConfigMap chart values reference 'apps/none' with key 'values.yaml': configmaps "none" not found`,
  )
  await expect(collect([{ kind: 'Secret', name: 'password' }])).rejects.toThrow(
    "could not resolve Secret chart values reference 'apps/password' with key 'values.yaml': key not found",
  )
})

test('the inline values of the object stay as they are', async () => {
  const values = { a: { b: 1 } }
  await collect([from('base', { valuesKey: 'port', targetPath: 'a.b' })], values)
  expect(values).toEqual({ a: { b: 1 } })
})
