import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { forgeChecks } from './checks/list.ts'
import { forgeCapabilities, forgeKinds } from './create-forge.ts'
import { tokenNeeds, tokenNeedsMarkdown } from './token-needs.ts'

const guide = new URL('../../docs/guides/tokens.md', import.meta.url)
const text = readFileSync(guide, 'utf8')
const part = /(<!-- hosts:[^>]*-->\n)([\s\S]*?)(<!-- \/hosts -->)/

describe('the guide to tokens', () => {
  it('has for every host what the table in the code has', () => {
    // `SLUICE_UPDATE_DOCS=1 npx vitest run src/forges/token-needs.test.ts` writes it anew.
    if (process.env['SLUICE_UPDATE_DOCS'] === '1')
      writeFileSync(
        guide,
        text.replace(part, (_all, open: string, _old, close: string) => `${open}${tokenNeedsMarkdown()}${close}`),
      )
    expect(existsSync(guide)).toBe(true)
    expect(part.exec(readFileSync(guide, 'utf8'))?.[2]).toBe(tokenNeedsMarkdown())
  })

  it('explains every line of the diagnosis', () => {
    for (const { id } of forgeChecks) expect(text).toContain(`\`${id}\``)
  })

  it('promises no use that a host has no way to do', () => {
    for (const kind of forgeKinds) {
      const uses = tokenNeeds[kind].needs.map(({ use }) => use)
      expect(uses.includes('create the repository'), kind).toBe(forgeCapabilities[kind].createRepository)
      expect(uses.includes('open pull or merge requests'), kind).toBe(forgeCapabilities[kind].changeRequests !== 'none')
      expect(uses.includes('add deploy keys and webhooks'), kind).toBe(forgeCapabilities[kind].deployKeys !== 'none')
    }
  })
})
