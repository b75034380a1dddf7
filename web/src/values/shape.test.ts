import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { type Field, isSecretPath, type Shape, shapeMatches, shapeOf, titleOf } from './shape.ts'
import type { Values } from './tree.ts'

const charts = new URL('../../../charts/', import.meta.url)
const chart = (name: string): Shape =>
  shapeOf(
    JSON.parse(readFileSync(new URL(`${name}/values.schema.json`, charts), 'utf8')),
    parse(readFileSync(new URL(`${name}/values.yaml`, charts), 'utf8')) as Values,
  )

const at = (shape: Shape, ...path: string[]): Shape =>
  path.reduce((inner, name) => inner.fields!.find(f => f.name === name)!.shape, shape)

describe('the form of a reference chart', () => {
  const web = chart('web-service')

  it('has its fields in the order of the schema, with its words', () => {
    expect(web.fields!.slice(0, 3).map(f => f.name)).toEqual(['image', 'replicas', 'port'])
    expect(at(web, 'image', 'tag')).toMatchObject({ kind: 'text', title: 'Tag', required: false })
    expect(at(web, 'image', 'repository').required).toBe(true)
  })

  it('knows each kind of field', () => {
    expect(at(web, 'image', 'pullPolicy')).toMatchObject({
      kind: 'choice',
      choices: ['IfNotPresent', 'Always', 'Never'],
    })
    expect(at(web, 'replicas')).toMatchObject({ kind: 'number', whole: true, minimum: 0, maximum: 100 })
    expect(at(web, 'ingress', 'enabled').kind).toBe('switch')
    expect(at(web, 'args')).toMatchObject({ kind: 'list', item: { kind: 'text' } })
    expect(at(web, 'env')).toMatchObject({ kind: 'map', item: { kind: 'text', mixed: true } })
    expect(at(web, 'secrets')).toMatchObject({ kind: 'map', item: { kind: 'secret' } })
    expect(at(web, 'security', 'fsGroup')).toMatchObject({ kind: 'number', whole: true })
    expect(at(web, 'tolerations').kind).toBe('any')
  })

  it.each(['web-service', 'worker', 'stateful-service', 'cron-job'])(
    'gives %s a field for each of its values',
    name => {
      const names = (shape: Shape): number => (shape.fields ?? []).reduce((n, f) => n + 1 + names(f.shape), 0)
      expect(names(chart(name))).toBeGreaterThan(15)
    },
  )
})

it('makes a form of the defaults of a chart without a schema', () => {
  const shape = shapeOf(undefined, {
    replicaCount: 1,
    image: { tag: '' },
    hosts: ['a'],
    extra: {},
    on: false,
    none: null,
  })
  expect(shape.fields!.map(f => [f.name, f.shape.kind, f.shape.title])).toEqual([
    ['replicaCount', 'number', 'Replica count'],
    ['image', 'group', 'Image'],
    ['hosts', 'list', 'Hosts'],
    ['extra', 'any', 'Extra'],
    ['on', 'switch', 'On'],
    ['none', 'any', 'None'],
  ])
})

it('shows values that the schema does not name', () => {
  const shape = shapeOf({ type: 'object', properties: { a: { type: 'string' } } }, { a: 'x', b: 2 })
  expect(shape.fields!.map(f => f.name)).toEqual(['a', 'b'])
})

it('follows references, and ends where they go round', () => {
  const schema = {
    type: 'object',
    properties: { node: { $ref: '#/definitions/node' }, up: { $ref: '#/properties/up' } },
    definitions: {
      node: { type: 'object', properties: { name: { type: 'string' }, next: { $ref: '#/definitions/node' } } },
    },
  }
  expect(at(shapeOf(schema, {}), 'node', 'next', 'name').kind).toBe('text')
})

it('makes something of any schema whatever', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.dictionary(fc.string(), fc.jsonValue()), (schema, values) => {
      expect(shapeOf(schema, values).kind).toBe('group')
      expect(shapeOf({ properties: { x: schema }, items: schema, allOf: [schema] }, values).kind).toBe('group')
    }),
  )
})

it('finds fields by name, title and description, also inside groups', () => {
  const field: Field = { name: 'image', shape: at(chart('web-service'), 'image') }
  expect(shapeMatches(field, 'pull pol')).toBe(true)
  expect(shapeMatches(field, 'ingress')).toBe(false)
})

it('says names as words', () => {
  expect(titleOf('initialDelaySeconds')).toBe('Initial delay seconds')
  expect(titleOf('tls-secret')).toBe('Tls secret')
  expect(titleOf('')).toBe('')
})

it('knows the places of secrets', () => {
  expect(isSecretPath([['secrets', '*']], ['secrets', 'KEY'])).toBe(true)
  expect(isSecretPath([['secrets', '*']], ['secrets'])).toBe(false)
  expect(isSecretPath([['auth', 'password']], ['auth', 'user'])).toBe(false)
})
