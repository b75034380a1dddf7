import { type ZodType, z } from 'zod'
import { version } from '../base/version.ts'
import { problemSchema } from './contract/problem.ts'
import type { AnyRoute } from './http/route.ts'

type Json = Record<string, unknown>

/** The routes as OpenAPI 3.1: its schemas are JSON Schema 2020-12, which zod writes itself. */
export function openApiDocument(routes: readonly AnyRoute[]): Json {
  const paths: Record<string, Json> = {}
  for (const route of routes) (paths[route.path] ??= {})[route.method] = operation(route)
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description: 'The API of `sluice serve`. Every failure is a Problem with a code of docs/reference/errors.md.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ session: [] }, { token: [] }],
    tags: [...new Set(routes.map(route => route.tag))].map(name => ({ name })),
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-sluice', description: 'Set by signing in.' },
        token: { type: 'http', scheme: 'bearer', description: 'An API token: `slu_…`.' },
      },
      schemas: { Problem: schemaOf(problemSchema, 'output') },
      responses: {
        Problem: {
          description: 'What went wrong',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  }
}

function operation(route: AnyRoute): Json {
  const { method, path, answer, status, contentType } = route
  const code = String(
    status ?? (answer === undefined && contentType === undefined ? (method === 'get' ? 302 : 204) : 200),
  )
  const content =
    answer !== undefined
      ? { content: { 'application/json': { schema: schemaOf(answer, 'output') } } }
      : contentType === undefined
        ? {}
        : { content: { [contentType]: {} } }
  const parameters = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')]
  return {
    operationId: `${method}${path.replace(/^\/api\/v1/, '').replace(/[/{}.]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    tags: [route.tag],
    summary: route.summary,
    description: [route.description, needsText(route)].filter(Boolean).join('\n\n'),
    ...(isPublic(route) ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
        }),
    responses: {
      [code]: { description: descriptions[code] ?? 'OK', ...content },
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

const descriptions: Readonly<Record<string, string>> = {
  '200': 'OK',
  '201': 'Created',
  '202': 'Accepted: the work goes on as a job',
  '204': 'Done; nothing to say',
  '302': 'A redirect',
}

/** What a route needs, in words. */
export function needsText({ needs }: AnyRoute): string {
  if (needs === 'signed-in') return 'Needs: a session or an API token.'
  if ('public' in needs) return `Needs nothing: ${needs.public}.`
  const where =
    needs.scope === 'somewhere'
      ? 'anywhere; the answer holds what your roles reach'
      : typeof needs.scope === 'function'
        ? 'for the project and environment that it is about'
        : 'for everything'
  return `Needs: the role ${needs.role} ${where}.`
}

function isPublic({ needs }: AnyRoute): boolean {
  return typeof needs === 'object' && 'public' in needs
}

function parametersOf(schema: ZodType | undefined, place: 'path' | 'query'): Json[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }))
}

function schemaOf(schema: ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  return rest
}
