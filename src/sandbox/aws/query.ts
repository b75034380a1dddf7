import { AwsFailure } from './state.ts'

/** Parameters of a call of the query protocol: `A.member.1=x` as lists. */
export class QueryInput {
  readonly #values: URLSearchParams

  constructor(body: string) {
    this.#values = new URLSearchParams(body)
  }

  get action(): string {
    return this.#values.get('Action') ?? ''
  }

  get version(): string {
    return this.#values.get('Version') ?? ''
  }

  text(name: string): string | undefined {
    return this.#values.get(name) ?? undefined
  }

  required(name: string): string {
    const value = this.text(name)
    if (!value) {
      const message = `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`
      throw new AwsFailure('ValidationError', message)
    }
    return value
  }

  integer(name: string): number | undefined {
    const value = this.text(name)
    if (value === undefined) return undefined
    if (!/^-?\d+$/.test(value)) throw new AwsFailure('ValidationError', `${name} is not a whole number`)
    return Number(value)
  }

  /** `Name.member.N`, or `Name.N` as EC2 writes it. */
  list(name: string): string[] {
    const found: string[] = []
    for (let i = 1; ; i++) {
      const value = this.text(`${name}.member.${i}`) ?? this.text(`${name}.${i}`)
      if (value === undefined) return found
      found.push(value)
    }
  }

  /** Refuses parameters that the operation does not have. */
  only(...known: readonly string[]): void {
    for (const name of this.#values.keys()) {
      const plain = name.split('.')[0] ?? ''
      if (plain !== 'Action' && plain !== 'Version' && !known.includes(plain)) {
        throw new AwsFailure('ValidationError', `unexpected parameter ${name}`)
      }
    }
  }
}

/** A value as XML; lists become `<member>`, or `<item>` for EC2. */
export function toXml(value: unknown, item = 'member'): string {
  if (Array.isArray(value)) return value.map(one => `<${item}>${toXml(one, item)}</${item}>`).join('')
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .filter(([, one]) => one !== undefined)
      .map(([key, one]) => `<${key}>${toXml(one, item)}</${key}>`)
      .join('')
  }
  return String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
