import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { memoryTree } from '../base/file-tree.ts'
import { build } from './index.ts'

// kustomize's own acceptance cases, which are not part of this repository.
const folder = '../shared/data/kustomize-cases'

interface Case {
  readonly name: string
  readonly files: Record<string, string | { base64: string }>
  readonly dirs?: string[]
  readonly run: string
  readonly options: { loadRestrictions: 'rootOnly' | 'none' }
  readonly expected?: string
  readonly error?: boolean
  readonly errorContains?: string[]
  readonly errorMatches?: string[]
}

function cases(): Case[] {
  const files = readdirSync(folder).filter(file => file.endsWith('.json'))
  return files.flatMap(file => JSON.parse(readFileSync(join(folder, file), 'utf8')).cases as Case[])
}

/** Its words are those of git, which is not run. */
const otherWords = new Set(['accumulation:TestAccumulateResourcesErrors/local_file_qualifies_as_repo'])

describe.skipIf(!existsSync(folder))('cases of kustomize', () => {
  for (const test of existsSync(folder) ? cases() : []) {
    it(test.name, async () => {
      const files = Object.entries(test.files).map(([path, text]) => [
        path,
        typeof text === 'string' ? text : Buffer.from(text.base64, 'base64'),
      ])
      const tree = memoryTree(Object.fromEntries(files))
      const dir = test.run === '.' ? '' : test.run
      const result = build(tree, dir, { loadRestrictor: test.options.loadRestrictions })
      if (test.error !== true) {
        expect((await result).yaml()).toBe(test.expected)
        return
      }
      const error = await result.then(
        () => undefined,
        (thrown: Error) => thrown,
      )
      expect(error).toBeInstanceOf(Error)
      if (otherWords.has(test.name)) return
      for (const words of test.errorContains ?? []) expect(error?.message).toContain(words)
      for (const pattern of test.errorMatches ?? []) expect(error?.message).toMatch(new RegExp(pattern))
    })
  }
})
