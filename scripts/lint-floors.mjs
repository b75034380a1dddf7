#!/usr/bin/env node
// The architecture rule: a folder imports only from folders on floors below its own. See docs/architecture.md.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** Folder → floor. A folder may import itself and any folder on a lower floor. */
const floors = {
  base: 0,
  secrets: 1,
  kube: 2,
  git: 2,
  tools: 2,
  store: 2,
  specs: 3,
  layout: 3,
  kustomize: 3,
  sops: 3,
  forges: 3,
  access: 3,
  flux: 3,
  engine: 4,
  credentials: 4,
  bootstrap: 5,
  fleet: 5,
  nodegroups: 5,
  connections: 5,
  sandbox: 5,
  gitops: 6,
  insight: 6,
  local: 6,
  apps: 7,
  server: 8,
  cli: 9,
}

const root = resolve('src')
const problems = []
const folderOf = path => {
  const rest = relative(root, path).split(sep)
  return rest.length > 1 && rest[0] !== '..' ? rest[0] : undefined
}

for (const entry of readdirSync(root, { withFileTypes: true, recursive: true })) {
  if (!entry.isFile() || !entry.name.endsWith('.ts')) continue
  const file = join(entry.parentPath ?? entry.path, entry.name)
  const from = folderOf(file)
  if (from === undefined || !(from in floors)) {
    problems.push(`${relative('.', file)}: the folder has no floor in scripts/lint-floors.mjs`)
    continue
  }
  const text = readFileSync(file, 'utf8')
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)) {
    const to = folderOf(resolve(dirname(file), target))
    if (to === undefined || to === from) continue
    // A test may start the floor above its subject: real parts instead of mocks.
    if (/\.test\.ts$/.test(entry.name)) continue
    if (!(to in floors) || floors[to] >= floors[from]) {
      problems.push(
        `${relative('.', file)}: ${from} (floor ${floors[from]}) imports ${to} (floor ${floors[to] ?? '?'}), which is not below it`,
      )
    }
  }
}

// The console is a program of its own: of the server it knows the shapes of the contract, and only as types.
const web = resolve('web/src')
const contract = resolve(root, 'server/contract')
for (const entry of readdirSync(web, { withFileTypes: true, recursive: true })) {
  if (!entry.isFile() || !/\.tsx?$/.test(entry.name)) continue
  const file = join(entry.parentPath ?? entry.path, entry.name)
  const text = readFileSync(file, 'utf8')
  for (const [statement, target] of text.matchAll(/(?:import|export)[^'"]*?['"](\.{1,2}\/[^'"]+)['"]/g)) {
    const at = resolve(dirname(file), target)
    if (at.startsWith(web + sep)) continue
    if (!at.startsWith(contract + sep)) {
      problems.push(
        `${relative('.', file)}: the console imports ${target}; of src/ it may only import src/server/contract`,
      )
    } else if (!/^(?:import|export) type\b/.test(statement)) {
      problems.push(`${relative('.', file)}: import only types of ${target}: \`import type\``)
    }
  }
}
for (const problem of problems) console.error(problem)
process.exit(problems.length === 0 ? 0 : 1)
