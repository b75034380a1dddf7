import { describe, expect, it } from 'vitest'
import { splitFieldPath } from './field-path.ts'
import { goRegExp } from './go-regexp.ts'
import { hashOf } from './hash.ts'
import { parseLabelSelector } from './label-selector.ts'
import { splitImage } from './transformers/images.ts'
import { expand } from './variables.ts'
import { type Mapping, Scalar } from './yaml/node.ts'
import { parseDocuments } from './yaml/parse.ts'

describe('parseLabelSelector', () => {
  const labels = new Map([
    ['app', 'web'],
    ['tier', '3'],
  ])
  for (const [selector, expected] of Object.entries({
    '': true,
    'app=web': true,
    'app==web , tier': true,
    'app!=web': false,
    'other!=x': true,
    'app in (web,db),tier>2': true,
    'app notin (web)': false,
    '!app': false,
    '!other': true,
  })) {
    it(`${selector} is ${expected}`, () => expect(parseLabelSelector(selector)(labels)).toBe(expected))
  }

  it('refuses what is no selector', () => expect(() => parseLabelSelector('app in (')).toThrow('unable to parse'))
})

describe('goRegExp', () => {
  it('reads the syntax of RE2', () => {
    expect(goRegExp('^(?:(?P<x>[[:alpha:]]+)-[[:digit:]])$').test('ab-1')).toBe(true)
    expect(goRegExp('(?i)abc').test('xABC')).toBe(true)
    expect(goRegExp('^(?:(foo|bar)-.*-[^]*+(]+x?)$').test('foo-a-bx')).toBe(true)
  })
  for (const pattern of [
    '(?=a)',
    '(a)\\1',
    '(',
    '(a+)+',
    '((a*)b)*',
    '(a|a)*',
    '(a+){9}',
    'a*a*a*a*',
    'x'.repeat(2000),
  ]) {
    it(`refuses ${pattern.slice(0, 20)}`, () => expect(() => goRegExp(pattern)).toThrow())
  }
})

describe('small parts', () => {
  it('hashes as kubectl does', () => {
    const object = parseDocuments(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {testValue: purple, otherValue: green}\n',
    )[0]
    expect(hashOf(object as Mapping)).toBe('9cd648hm8f')
  })

  it('splits field paths', () => {
    expect(splitFieldPath('spec.c.[name=a.b].x\\.y.[d.e/f]')).toEqual(['spec', 'c', '[name=a.b]', 'x.y', 'd.e/f'])
  })

  it('splits images', () => {
    expect(splitImage('host:5000/a/b:1@sha256:c')).toEqual({ name: 'host:5000/a/b', tag: '1', digest: 'sha256:c' })
  })

  it('expands variables, keeping the type of a lone one', () => {
    const values = new Map([['N', new Scalar('5', 'int', true)]])
    expect(expand('$(N)', values)).toMatchObject({ value: '5', tag: 'int' })
    expect(expand('a $(N) $$(N) $(X) $', values)).toMatchObject({ value: 'a 5 $(N) $(X) $', tag: 'str' })
  })
})
