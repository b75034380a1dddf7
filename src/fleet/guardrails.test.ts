import { describe, expect, it } from 'vitest'
import { systemClock } from '../base/clock.ts'
import { memoryTree } from '../base/file-tree.ts'
import { build } from '../kustomize/index.ts'
import { applyGuardrails } from './guardrails.ts'

const rails = 'guardrails:\n  - largestStep: 1\n'
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'
const apply = (files: Record<string, string>, path: string) =>
  applyGuardrails(memoryTree(files), { path }, { cluster: 'prod', clock: systemClock }, [
    { group: 'web', from: 1, to: 4 },
  ])

describe('the place of guardrails', () => {
  it('is the root of the repository, beside the synced folder', async () => {
    expect(await apply({ 'sluice.yaml': rails, 'clusters/a/b.yaml': configMap }, 'clusters/a')).toMatchObject([
      { place: 'sluice.yaml:2', broken: '1 to 4 is 3' },
    ])
    expect(await apply({ 'clusters/a/sluice.yaml': rails }, 'clusters/a')).toEqual([])
  })

  it('has a name that engines do not look at where the root itself is synced', async () => {
    expect(await apply({ 'sluice.rules': rails, 'a.yaml': configMap }, '')).toMatchObject([{ place: 'sluice.rules:2' }])
    const built = await build(memoryTree({ 'sluice.rules': rails, 'a.yaml': configMap }), '', { generate: true })
    expect(built.objects).toHaveLength(1)
    // What the refusal is for: the engine fails as a whole.
    await expect(apply({ 'sluice.yaml': rails, 'a.yaml': configMap }, '')).rejects.toThrow(/sluice\.rules/)
    await expect(
      build(memoryTree({ 'sluice.yaml': rails, 'a.yaml': configMap }), '', { generate: true }),
    ).rejects.toThrow('failed to decode Kubernetes YAML from sluice.yaml')
  })

  it('may be sluice.yaml in a synced root that lists its files', async () => {
    const files = { 'sluice.yaml': rails, 'kustomization.yaml': 'resources: [a.yaml]\n', 'a.yaml': configMap }
    expect(await apply(files, '')).toHaveLength(1)
  })

  it('is one: two files are refused, and so is a folder', async () => {
    await expect(apply({ 'sluice.yaml': rails, 'sluice.rules': rails }, 'x')).rejects.toThrow('expected one of them')
    await expect(apply({ 'sluice.yaml/a': rails }, 'x')).rejects.toThrow('seen a folder')
  })
})
