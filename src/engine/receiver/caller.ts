import type { Receiver } from '../../specs/flux/receiver.ts'
import { BoundedExpression } from '../expression.ts'
import type { Claims, TrustedIssuer } from './oidc.ts'

/** Whose tokens a Receiver takes, and what must be true of them. */
export interface CallerRules {
  readonly issuers: readonly TrustedIssuer[]
  /** Throws an Error with the message of the first rule that the claims break. */
  check(claims: Claims): void
}

interface Rules {
  readonly variables: readonly { readonly name: string; readonly expression: BoundedExpression }[]
  readonly validations: readonly { readonly message: string; readonly expression: BoundedExpression }[]
}

/** Issuer of the tokens with which Google's Pub/Sub calls. */
const googleIssuer = 'https://accounts.google.com'

/** The rules of `spec.oidcProviders`. Throws an Error that names the field when an expression does not compile. */
export function compileCallers({ oidcProviders = [] }: Receiver['spec']): CallerRules {
  const compile = (text: string, names: readonly string[], field: string): BoundedExpression => {
    try {
      return new BoundedExpression(text, names)
    } catch (error) {
      throw new Error(
        `${field}: failed to parse the CEL expression ${JSON.stringify(text.slice(0, 500))}: ${(error as Error).message}`,
      )
    }
  }
  const rules = new Map<unknown, Rules>()
  const issuers: TrustedIssuer[] = []
  oidcProviders.forEach(({ issuerURL, audience, variables = [], validations }, index) => {
    const field = `spec.oidcProviders[${index}]`
    issuers.push({ issuerURL, audience: audience || 'notification-controller' })
    rules.set(issuerURL, {
      variables: variables.map(({ name, expression }, at) => ({
        name,
        expression: compile(expression, ['claims', 'vars'], `${field}.variables[${at}].expression`),
      })),
      validations: validations.map(({ message, expression }, at) => ({
        message,
        expression: compile(expression, ['claims', 'vars'], `${field}.validations[${at}].expression`),
      })),
    })
  })
  return {
    issuers,
    check(claims) {
      const { variables = [], validations = [] } = rules.get(claims['iss']) ?? {}
      const vars: Record<string, unknown> = {}
      for (const { name, expression } of variables) vars[name] = jsonValue(expression.evaluate({ claims, vars }))
      for (const { message, expression } of validations) {
        if (!expression.boolean({ claims, vars })) throw new Error(`OIDC token validation failed: ${message}`)
      }
    },
  }
}

/** The rules of a `gcr` Receiver: Google's tokens for one audience, of one account. Both stand in its Secret. */
export function googleCaller(email: string, audience: string): CallerRules {
  return {
    issuers: [{ issuerURL: googleIssuer, audience }],
    check(claims) {
      if (claims['email_verified'] !== true || claims['email'] !== email) {
        throw new Error('cannot authenticate GCR request: the token is not of the expected account')
      }
    },
  }
}

/** CEL's whole numbers are big integers; variables go back in as JSON. */
function jsonValue(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null, (_key, item) => (typeof item === 'bigint' ? Number(item) : item)))
}
