import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseYaml, stringifyYaml } from '../kube/yaml/index.ts'
import { at } from './release.ts'
import { setValuesText, valuesTextIn } from './values-text.ts'

const release = 'kind: HelmRelease\nspec:\n  interval: 10m0s\n  values:\n    a: 1\n'

describe('values as text', () => {
  it('keep the comments of the person who wrote them', () => {
    const text = '# how many\nreplicas: 2 # for now\nimage:\n  tag: "1"\n'
    const out = setValuesText(release, text, { replicas: 2, image: { tag: '1' } })
    expect(out).toContain('interval: 10m0s')
    expect(valuesTextIn(out)).toBe(text)
    expect(valuesTextIn('kind: HelmRelease\n')).toBe('')
  })

  it('are always the values that were meant', () => {
    const values = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 })
    fc.assert(
      fc.property(values, value => {
        const text = `# note\n${stringifyYaml(value)}`
        const meant = parseYaml(text) as Record<string, unknown>
        expect(at(parseYaml(setValuesText(release, text, meant)), 'spec', 'values')).toEqual(meant)
      }),
      { numRuns: 100 },
    )
  })
})
