import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

/** A slice of a host's API description: operations by `GET /path/{name}`, and the schemas that they refer to. */
export interface Slice {
  readonly source: string
  readonly operations: Readonly<Record<string, Operation>>
  readonly schemas: Readonly<Record<string, unknown>>
}

interface Operation {
  readonly query: Readonly<Record<string, unknown>>
  readonly body?: unknown
  /** Status to schema; null for an answer without a described body. */
  readonly responses: Readonly<Record<string, unknown>>
}

/** One exchange between a client and a server. */
export interface Exchange {
  readonly method: string
  /** Below the API base, without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly requestBody: unknown
  readonly status: number
  readonly responseBody: unknown
}

/** Checks exchanges against a slice, both ways. */
export class Contract {
  readonly #slice: Slice
  readonly #ajv: Ajv
  readonly #patterns: readonly (readonly [line: string, method: string, pattern: RegExp])[]
  readonly #validators = new Map<string, ValidateFunction>()

  constructor(file: string) {
    this.#slice = JSON.parse(readFileSync(new URL(file, import.meta.url), 'utf8')) as Slice
    this.#ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false })
    this.#ajv.addSchema({ $id: 'slice', schemas: this.#slice.schemas })
    this.#patterns = Object.keys(this.#slice.operations).map(line => {
      const [method = '', path = ''] = line.split(' ')
      // Refs, branches and paths may have slashes in them.
      const source = path.replace(/\{(\w+)\}/g, (_all, name: string) =>
        /^(?:ref|branch|path)$/.test(name) ? '.+' : '[^/]+',
      )
      return [line, method, new RegExp(`^${source}$`)] as const
    })
  }

  /** The operation that a request is one of; undefined for none. */
  operationOf(method: string, path: string): string | undefined {
    const found = this.#patterns.filter(([, wanted, pattern]) => wanted === method && pattern.test(path))
    // The one with most literal text is meant: `/branches/{branch}/protection` before `/branches/{branch}`.
    return found.map(([line]) => line).sort((a, b) => literal(b) - literal(a))[0]
  }

  /** What is wrong with an exchange, in lines; none when it is as described. */
  problems(exchange: Exchange): string[] {
    const line = this.operationOf(exchange.method, exchange.path)
    if (line === undefined) return [`${exchange.method} ${exchange.path}: no operation of the slice`]
    const { query, body, responses } = this.#slice.operations[line]!
    const problems = [...exchange.query.keys()]
      .filter(name => !(name in query))
      .map(name => `query ${name} is not described`)
    if (exchange.requestBody !== undefined) {
      if (body === undefined) problems.push('a body is not described')
      else problems.push(...this.#check(`${line} body`, body, exchange.requestBody))
    }
    const status = String(exchange.status)
    if (status in responses) {
      const schema = responses[status]
      if (schema !== null) problems.push(...this.#check(`${line} ${status}`, schema, exchange.responseBody))
    } else if (!/^(?:400|401|403|404|409|422)$/.test(status)) {
      problems.push(`status ${status} is not described`)
    }
    return problems.map(problem => `${line} → ${status}: ${problem}`)
  }

  #check(key: string, schema: unknown, value: unknown): string[] {
    let validate = this.#validators.get(key)
    if (!validate) {
      validate = this.#ajv.compile(pointed(schema) as object)
      this.#validators.set(key, validate)
    }
    if (validate(value)) return []
    return (validate.errors ?? []).slice(0, 200).map(error => `${error.instancePath || '/'} ${error.message ?? ''}`)
  }
}

function literal(line: string): number {
  return line.replace(/\{\w+\}/g, '').length
}

/** References lead into the document that holds all schemas. */
function pointed(schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/schemas/', '"slice#/schemas/'))
}
