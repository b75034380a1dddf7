/**
 * Rules for names, with the API server's sentences (apimachinery `util/validation`). Each gives the broken rules, in
 * order; an empty list means that the name is fine.
 */
export type NameRule = (name: string) => string[]

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const namePart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'

const whole = (source: string): RegExp => new RegExp(`^${source}$`)
const isSubdomain = whole(subdomain)
const isLabel = whole(label)
const isLabel1035 = whole(label1035)
const isNamePart = whole(namePart)

function regexText(message: string, source: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${source}')`
  // The two spaces before each "or" are in the original.
  const list = examples.map(example => `'${example}'`).join(',  or ')
  return `${message} (e.g. ${list}, regex used for validation is '${source}')`
}

const subdomainText = regexText(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  subdomain,
  'example.com',
)
const labelText = regexText(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  label,
  'my-name',
  '123-abc',
)
const label1035Text = regexText(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  label1035,
  'my-name',
  'abc-123',
)
const namePartText = regexText(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  namePart,
  'MyName',
  'my.name',
  '123-abc',
)
const labelValueText = regexText(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  `(${namePart})?`,
  'MyValue',
  'my_value',
  '12345',
)

/** A DNS-1123 subdomain of at most 253 characters: the names of most kinds. */
export const subdomainName: NameRule = name => {
  const broken: string[] = []
  if (Buffer.byteLength(name) > 253) broken.push('must be no more than 253 characters')
  if (!isSubdomain.test(name)) broken.push(subdomainText)
  return broken
}

/** A DNS-1123 label of at most 63 characters: namespaces and services. */
export const labelName: NameRule = name => {
  const broken: string[] = []
  if (Buffer.byteLength(name) > 63) broken.push('must be no more than 63 characters')
  if (!isLabel.test(name)) broken.push(isSubdomain.test(name) ? 'must not contain dots' : labelText)
  return broken
}

/** A DNS-1035 label: CRD plurals and the like. */
export const label1035Name: NameRule = name => {
  const broken: string[] = []
  if (Buffer.byteLength(name) > 63) broken.push('must be no more than 63 characters')
  if (!isLabel1035.test(name)) broken.push(label1035Text)
  return broken
}

/** A name that can stand in a URL path: RBAC roles and bindings, which may have colons. */
export const pathSegmentName: NameRule = name => {
  if (name === '.' || name === '..') return [`may not be '${name}'`]
  return ['/', '%'].filter(character => name.includes(character)).map(character => `may not contain '${character}'`)
}

/** The key of a label or annotation, the name of a finalizer: an optional DNS subdomain and a name. */
export const qualifiedName: NameRule = key => {
  const parts = key.split('/')
  const broken: string[] = []
  if (parts.length > 2) {
    return [
      `a valid label key ${namePartText} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ]
  }
  const name = parts.at(-1)!
  if (parts.length === 2) {
    const prefix = parts[0]!
    if (prefix === '') broken.push('prefix part must be non-empty')
    else broken.push(...subdomainName(prefix).map(text => `prefix part ${text}`))
  }
  if (name === '') broken.push('name part must be non-empty')
  else if (Buffer.byteLength(name) > 63) broken.push('name part must be no more than 63 bytes')
  if (!isNamePart.test(name)) broken.push(`name part ${namePartText}`)
  return broken
}

/** The value of a label: at most 63 bytes. */
export const labelValue: NameRule = value => {
  const broken: string[] = []
  if (Buffer.byteLength(value) > 63) broken.push('must be no more than 63 bytes')
  if (value !== '' && !isNamePart.test(value)) broken.push(labelValueText)
  return broken
}

/** A key of a config map or secret. */
export const configKey: NameRule = key => {
  const broken: string[] = []
  if (Buffer.byteLength(key) > 253) broken.push('must be no more than 253 bytes')
  if (!/^[-._a-zA-Z0-9]+$/.test(key)) {
    broken.push(
      regexText(
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
        '[-._a-zA-Z0-9]+',
        'key.name',
        'KEY_NAME',
        'key-name',
      ),
    )
  }
  if (key === '.') broken.push("must not be '.'")
  else if (key === '..') broken.push("must not be '..'")
  else if (key.startsWith('..')) broken.push("must not start with '..'")
  return broken
}

/** The name of an environment variable: anything printable without `=`. */
export const environmentName: NameRule = name => {
  const broken: string[] = []
  if (name === '') broken.push('environment variable name must be non-empty')
  if (!/^[ -<>-~]+$/.test(name))
    broken.push("a valid environment variable name must consist only of printable ASCII characters other than '='")
  return broken
}

/** The name of a port: an IANA service name. */
export const portName: NameRule = name => {
  const broken: string[] = []
  if (name.length > 15) broken.push('must be no more than 15 characters')
  if (!/^[-a-z0-9]+$/.test(name)) broken.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(name)) broken.push('must contain at least one letter (a-z)')
  if (name.includes('--')) broken.push('must not contain consecutive hyphens')
  if (name.startsWith('-') || name.endsWith('-')) broken.push('must not begin or end with a hyphen')
  return broken
}

/** A name rule for a generated name: the prefix counts without its last dash (apimachinery `maskTrailingDash`). */
export function generateNameRule(rule: NameRule): NameRule {
  return prefix => rule(prefix.length > 1 && prefix.endsWith('-') ? `${prefix.slice(0, -2)}a` : prefix)
}
