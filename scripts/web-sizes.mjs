#!/usr/bin/env node
// Prints what the built console weighs, packed: what the first page loads, and each chunk that comes later.
// `--json` prints the same as one document. Fails when the shell is above its budget.
import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const budget = 150 * 1024
const folder = new URL('../dist/web/', import.meta.url)
const packed = name => gzipSync(readFileSync(new URL(name, folder)), { level: 9 }).length
const page = readFileSync(new URL('index.html', folder), 'utf8')
const first = new Set([...page.matchAll(/(?:src|href)="\/([^"]+\.(?:js|css))"/g)].map(match => match[1]))
const files = readdirSync(new URL('assets/', folder))
  .filter(name => /\.(?:js|css)$/.test(name))
  .map(name => ({ name: `assets/${name}`, bytes: packed(`assets/${name}`), first: first.has(`assets/${name}`) }))
  .sort((a, b) => b.bytes - a.bytes)
const sum = list => list.reduce((bytes, file) => bytes + file.bytes, 0)
const shell = sum(files.filter(file => file.first && file.name.endsWith('.js')))
const result = { shell, budget, css: sum(files.filter(f => f.first && f.name.endsWith('.css'))), files }

if (process.argv.includes('--json')) console.log(JSON.stringify(result))
else {
  const kb = bytes => `${(bytes / 1024).toFixed(1).padStart(7)} KB`
  for (const file of files) console.log(`${kb(file.bytes)}  ${file.first ? 'first' : 'later'}  ${file.name}`)
  console.log(`${kb(shell)}  script of the first page; the budget is ${budget / 1024} KB`)
}
process.exit(shell > budget ? 1 : 0)
