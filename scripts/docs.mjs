#!/usr/bin/env node
// Writes the generated reference pages of docs/reference and docs/spec.
// With --check it writes nothing and fails when a page is not what the code says.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const check = process.argv.includes('--check')
// Inside node_modules, so that the packages are found which the bundle leaves out: some are native.
const work = mkdtempSync(join('node_modules', '.sluice-docs-'))
try {
  await build({
    entryPoints: ['src/cli/reference.ts'],
    outfile: join(work, 'reference.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  })
  const { referencePages } = await import(pathToFileURL(join(work, 'reference.mjs')).href)
  let stale = 0
  for (const [path, text] of Object.entries(referencePages())) {
    let now = ''
    try {
      now = readFileSync(path, 'utf8')
    } catch {}
    if (now === text) continue
    if (check) {
      console.error(`${path} is not what the code says: run \`npm run docs\``)
      stale++
    } else {
      writeFileSync(path, text)
      console.error(`wrote ${path}`)
    }
  }
  process.exitCode = stale === 0 ? 0 : 1
} finally {
  rmSync(work, { recursive: true, force: true })
}
