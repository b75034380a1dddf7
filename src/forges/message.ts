import { isObject } from '../base/json.ts'
import { redact } from '../secrets/secret.ts'

/**
 * A host's own words in a JSON answer, with secrets taken out; bounded. Hosts differ: GitHub and Gitea say `message` and
 * `errors[].message`, GitLab `message` (text, list or fields), `error` and `error_description`, Bitbucket Cloud
 * `error.message` and `error.detail`, Bitbucket Data Center `errors[].message`, Azure DevOps `message`.
 */
export function messageOf(body: unknown): string {
  if (!isObject(body)) return ''
  const { message, errors, error, error_description: description } = body
  const parts = [...words(message), ...words(error), ...words(description), ...words(errors)]
  const text = [...new Set(parts)].join(': ')
  return redact(text.replace(/[\x00-\x1f\x7f]+/g, ' ').slice(0, 500))
}

function words(value: unknown): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (Array.isArray(value)) return value.flatMap(words)
  if (!isObject(value)) return []
  if (typeof value['message'] === 'string') return [value['message'], ...words(value['detail'])]
  // Fields with what is wrong with each: `{name: ["has already been taken"]}`.
  return Object.entries(value)
    .filter(([name]) => !/^(?:code|resource|field|documentation_url|exceptionName|context|data|fields|id)$/.test(name))
    .flatMap(([name, problems]) => words(problems).map(text => `${name} ${text}`))
}
