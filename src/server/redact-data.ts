import { redact } from '../secrets/secret.ts'

/** Data with every text in it redacted, as JSON: texts are cleaned before they are quoted, so that no quote hides a secret. */
export function redactedJson(data: unknown): string {
  return JSON.stringify(data, (_key, value: unknown) => (typeof value === 'string' ? redact(value) : value)) ?? 'null'
}
