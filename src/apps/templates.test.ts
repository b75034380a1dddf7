import { describe, expect, it } from 'vitest'
import { memoryTree } from '../base/file-tree.ts'
import { valueProblems } from './check-values.ts'
import { readTemplates, templateFiles } from './templates.ts'

const templates = await readTemplates('charts')

describe('the reference charts', () => {
  it('are the four that applications are made from', () => {
    expect(templates.map(one => one.name)).toEqual(['cron-job', 'stateful-service', 'web-service', 'worker'])
  })

  for (const template of templates) {
    it(`${template.name}: its defaults are what its schema takes`, () => {
      expect(valueProblems(template.schema, template.values)).toEqual([])
    })

    it(`${template.name}: a value that it does not have, and one of another kind, are named by path`, () => {
      const values = { ...template.values, replicaz: 2, image: { ...(template.values['image'] as object), tag: 7 } }
      expect(valueProblems(template.schema, values)).toEqual(
        expect.arrayContaining([
          { path: ['replicaz'], message: 'is not a value of this chart' },
          { path: ['image', 'tag'], message: 'must be string' },
        ]),
      )
    })

    it(`${template.name}: goes into the repository once for each version`, async () => {
      const files = await templateFiles(memoryTree({}), template)
      const folder = `charts/${template.name}-${template.version}`
      expect(files.map(one => one.path)).toContain(`${folder}/templates/_app.tpl`)
      const there = memoryTree({ [`${folder}/Chart.yaml`]: 'name: x' })
      expect(await templateFiles(there, template)).toEqual([])
    })
  }

  it('do not read schemas from elsewhere', () => {
    expect(valueProblems({ $ref: 'http://127.0.0.1:1/schema.json' }, {})).toEqual([])
  })
})
