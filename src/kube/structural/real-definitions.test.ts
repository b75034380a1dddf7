import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { formatFieldError } from '../field-error-format.ts'
import type { KubeObject } from '../object.ts'
import { validateCrd } from './validate-crd.ts'

const folder = '../shared/data/crds'
const files = existsSync(folder)
  ? ['flux', 'eks-anywhere'].flatMap(part => readdirSync(`${folder}/${part}`).map(file => `${folder}/${part}/${file}`))
  : []

describe.skipIf(files.length === 0)('the definitions of Flux and EKS Anywhere', () => {
  test.each(files)('%s is accepted', file => {
    const crd = load(readFileSync(file, 'utf8')) as KubeObject
    expect(validateCrd(crd).map(formatFieldError)).toEqual([])
  })
})
