import { z } from 'zod'
import type { AnyRoute } from './http/route.ts'
import { serverMetricDefinitions } from './metrics.ts'
import { needsText, openApiDocument } from './openapi.ts'
import { declaredRoutes } from './routes/index.ts'

/** The generated pages of the API: path → text. */
export function apiReferencePages(): Record<string, string> {
  const routes = declaredRoutes()
  return {
    'docs/reference/openapi.json': `${JSON.stringify(openApiDocument(routes), null, 2)}\n`,
    'docs/reference/api.md': page(routes),
  }
}

function page(routes: readonly AnyRoute[]): string {
  const lines = [
    '# API',
    '',
    '<!-- Made by `npm run docs` from the routes in src/server/routes/: change them there. -->',
    '',
    'What `sluice serve` answers. [openapi.json](openapi.json) is the same for programs (OpenAPI 3.1); a server gives its own at',
    '`/api/v1/openapi.json`. Programs send an API token as `Authorization: Bearer slu_…`. Bodies are JSON. Every failure is a',
    '`Problem`: `error.code` is one of [the errors](errors.md), `error.next` says what to do, `error.fields` which fields are wrong.',
  ]
  for (const tag of new Set(routes.map(route => route.tag))) {
    lines.push('', `## ${tag[0]?.toUpperCase()}${tag.slice(1)}`)
    for (const route of routes) if (route.tag === tag) lines.push(...section(route))
  }
  lines.push('', '## Metrics', '', '| metric | type | labels | meaning |', '|---|---|---|---|')
  for (const { name, type, labels, help } of serverMetricDefinitions) {
    lines.push(`| \`${name}\` | ${type} | ${labels.map(label => `\`${label}\``).join(', ')} | ${help} |`)
  }
  return `${lines.join('\n')}\n`
}

function section(route: AnyRoute): string[] {
  const lines = ['', `### ${route.method.toUpperCase()} ${route.path}`, '', `${route.summary}.`]
  if (route.description !== undefined) lines.push('', route.description)
  lines.push('', needsText(route))
  if (route.audit !== undefined && 'action' in route.audit) lines.push('', `Audit: \`${route.audit.action}\`.`)
  for (const [title, schema, io] of [
    ['Query', route.query, 'input'],
    ['Body', route.body, 'input'],
    ['Answer', route.answer, 'output'],
  ] as const) {
    if (schema === undefined) continue
    const json = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Shape
    lines.push('', `${title}:`, '', '```', shapeText(json, ''), '```')
  }
  return lines
}

interface Shape {
  readonly type?: string
  readonly properties?: Readonly<Record<string, Shape>>
  readonly required?: readonly string[]
  readonly items?: Shape
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Shape[]
  readonly oneOf?: readonly Shape[]
  readonly additionalProperties?: boolean | Shape
}

/** A schema as a person reads it: `{ name: string, grants: [{ role: "viewer" | … }] }`. */
function shapeText(shape: Shape, indent: string): string {
  const inner = `${indent}  `
  if (shape.enum !== undefined) return shape.enum.map(value => JSON.stringify(value)).join(' | ')
  if (shape.const !== undefined) return JSON.stringify(shape.const)
  const some = shape.anyOf ?? shape.oneOf
  if (some !== undefined) return some.map(one => shapeText(one, indent)).join(' | ')
  if (shape.type === 'array') return `[${shapeText(shape.items ?? {}, indent)}]`
  if (shape.properties !== undefined) {
    const fields = Object.entries(shape.properties).map(
      ([name, field]) => `${inner}${name}${shape.required?.includes(name) ? '' : '?'}: ${shapeText(field, inner)}`,
    )
    return fields.length === 0 ? '{}' : `{\n${fields.join('\n')}\n${indent}}`
  }
  if (shape.type === 'object') {
    const values = typeof shape.additionalProperties === 'object' ? shapeText(shape.additionalProperties, inner) : 'any'
    return `{ [name]: ${values} }`
  }
  return shape.type ?? 'any'
}
