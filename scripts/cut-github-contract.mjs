#!/usr/bin/env node
// Cuts the operations that Sluice uses out of GitHub's official API description, with everything that they refer to, and
// without examples and descriptions. The whole is 13 MB; the slice is committed as test/contracts/github.json.
//
//   npm pack @octokit/openapi@VERSION && tar xzf octokit-openapi-VERSION.tgz package/generated/api.github.com.json
//   node scripts/cut-github-contract.mjs package/generated/api.github.com.json VERSION
import { readFileSync, writeFileSync } from 'node:fs'

const operations = [
  'GET /user',
  'GET /users/{username}',
  'GET /user/memberships/orgs/{org}',
  'GET /orgs/{org}',
  'POST /orgs/{org}/repos',
  'POST /user/repos',
  'GET /repos/{owner}/{repo}',
  'DELETE /repos/{owner}/{repo}',
  'GET /repos/{owner}/{repo}/commits',
  'GET /repos/{owner}/{repo}/branches/{branch}',
  'GET /repos/{owner}/{repo}/branches/{branch}/protection',
  'GET /repos/{owner}/{repo}/rules/branches/{branch}',
  'GET /repos/{owner}/{repo}/contents/{path}',
  'GET /repos/{owner}/{repo}/git/ref/{ref}',
  'POST /repos/{owner}/{repo}/git/refs',
  'DELETE /repos/{owner}/{repo}/git/refs/{ref}',
  'GET /repos/{owner}/{repo}/keys',
  'POST /repos/{owner}/{repo}/keys',
  'DELETE /repos/{owner}/{repo}/keys/{key_id}',
  'GET /repos/{owner}/{repo}/hooks',
  'POST /repos/{owner}/{repo}/hooks',
  'DELETE /repos/{owner}/{repo}/hooks/{hook_id}',
  'GET /repos/{owner}/{repo}/pulls',
  'POST /repos/{owner}/{repo}/pulls',
  'GET /repos/{owner}/{repo}/pulls/{pull_number}',
  'PATCH /repos/{owner}/{repo}/pulls/{pull_number}',
  'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge',
]

const [source, version] = process.argv.slice(2)
if (!source || !version) {
  console.error('usage: cut-github-contract.mjs FILE VERSION')
  process.exit(2)
}
const whole = JSON.parse(readFileSync(source, 'utf8'))
const slice = { source: `@octokit/openapi ${version}, api.github.com.json (MIT)`, operations: {}, schemas: {} }

/** Words for people, and what only code generators read. */
const dropped = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'title',
  'discriminator',
  'deprecated',
])

function resolve(ref) {
  return ref
    .slice(2)
    .split('/')
    .reduce((at, part) => at[part.replaceAll('~1', '/').replaceAll('~0', '~')], whole)
}

/** Copies a schema; what it refers to goes into `schemas` once. */
function copy(value, isProperties = false) {
  if (Array.isArray(value)) return value.map(item => copy(item))
  if (typeof value !== 'object' || value === null) return value
  if (typeof value.$ref === 'string' && !isProperties) {
    const name = value.$ref.split('/').at(-1)
    if (!(name in slice.schemas)) {
      slice.schemas[name] = {}
      slice.schemas[name] = copy(resolve(value.$ref))
    }
    return { $ref: `#/schemas/${name}` }
  }
  // OpenAPI 3.0 allows `nullable` beside a reference or a choice; JSON Schema has no such word.
  if (!isProperties && value.nullable === true && !('type' in value)) {
    const { nullable: _nullable, ...rest } = value
    return { anyOf: [copy(rest), { type: 'null' }] }
  }
  const copied = {}
  for (const [key, part] of Object.entries(value)) {
    if (!isProperties && (dropped.has(key) || key.startsWith('x-'))) continue
    copied[key] = copy(part, !isProperties && key === 'properties')
  }
  return copied
}

function schemaOf(content) {
  return content?.['application/json']?.schema
}

for (const line of operations) {
  const [method, path] = line.split(' ')
  const found = whole.paths[path]?.[method.toLowerCase()]
  if (!found) throw new Error(`${line}: not in the description`)
  const responses = {}
  for (const [status, response] of Object.entries(found.responses)) {
    const full = response.$ref ? resolve(response.$ref) : response
    const schema = schemaOf(full.content)
    responses[status] = schema ? copy(schema) : null
  }
  const parameters = (found.parameters ?? []).map(parameter => (parameter.$ref ? resolve(parameter.$ref) : parameter))
  const body = schemaOf(found.requestBody?.content)
  slice.operations[line] = {
    query: Object.fromEntries(
      parameters.filter(({ in: at }) => at === 'query').map(({ name, schema }) => [name, copy(schema)]),
    ),
    ...(body && { body: copy(body) }),
    responses,
  }
}

writeFileSync('test/contracts/github.json', `${JSON.stringify(slice)}\n`)
const size = Math.round(JSON.stringify(slice).length / 1024)
console.log(`${operations.length} operations, ${Object.keys(slice.schemas).length} schemas, ${size} KB`)
