#!/usr/bin/env node
// Bundles and runs the benchmarks in bench/. `npm run bench -- --help` lists them.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const out = join('dist', 'bench')
mkdirSync(out, { recursive: true })
await build({
  entryPoints: { main: 'bench/main.ts', child: 'bench/applications/child.ts' },
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  sourcemap: 'inline',
  logLevel: 'warning',
})
await import(pathToFileURL(join(process.cwd(), out, 'main.js')).href)
