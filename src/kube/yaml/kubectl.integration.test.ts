import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseYaml, parseYamlStream } from './parse.ts'
import { stringifyYaml } from './stringify.ts'

const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

describe.skipIf(!hasKubectl)('with kubectl as the judge', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-yaml-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  function kustomize(resources: string): string {
    writeFileSync(join(folder, 'kustomization.yaml'), 'resources: [all.yaml]\n')
    writeFileSync(join(folder, 'all.yaml'), resources)
    const run = spawnSync('kubectl', ['kustomize', folder], { encoding: 'utf8', timeout: 60_000 })
    expect(run.stderr).toBe('')
    return run.stdout
  }

  it('writes texts that kubectl reads back the same, and reads what kubectl writes', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(' ', '\n', 'a', '#', ':', '-', '|', '0', 'e', '.', "'", '"', '{', '😀') }),
      fc.constantFrom(
        'on',
        'y',
        '1e3',
        '0777',
        '0o7',
        'null',
        '~',
        '2024-01-01',
        '1:30',
        '<<',
        '=',
        '.5',
        '0x1',
        ' a\nb',
        '\na\n',
        '\n',
        '\n\n',
      ),
    )
    const data = fc.sample(
      // kustomize takes a quoted key that looks like a number for a number, so keys start with a letter.
      fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9._-]{1,11}$/), text, { minKeys: 1, maxKeys: 12 }),
      60,
    )
    const objects = data.map((entries, i) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `c${i}`, annotations: { note: Object.values(entries)[0] } },
      data: entries,
    }))
    const back = new Map(
      parseYamlStream(kustomize(objects.map(stringifyYaml).join('---\n'))).map(({ value }) => {
        const object = value as (typeof objects)[number]
        return [object.metadata.name, object]
      }),
    )
    for (const object of objects) expect(back.get(object.metadata.name)).toEqual(object)
  })

  it('writes objects in the same form, byte for byte, as long as no line is folded', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'c', labels: { b10: 'x', b2: 'yes', a: '1.5' } },
      data: { script: '#!/bin/sh\n\nexit 0\n', 'on.off': 'off', url: 'http://a:80/b?c=d', list: '- a\n- b' },
    }
    // kustomize sorts its maps by plain byte order, so compare the lines.
    const lines = (text: string) => text.trimEnd().split('\n').toSorted()
    expect(lines(kustomize(stringifyYaml(object)))).toEqual(lines(stringifyYaml(object)))
    expect(parseYaml(kustomize(stringifyYaml(object)))).toEqual(object)
  })
})
