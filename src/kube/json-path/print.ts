import { goJson, goNumber } from '../go-format.ts'

/** A found value as text: strings as they are, numbers as Go prints them, lists and objects as JSON, null as `<nil>`. */
export function printJsonPathValue(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return goNumber(value)
  if (typeof value === 'boolean') return String(value)
  return value === null || value === undefined ? '<nil>' : goJson(value)
}
