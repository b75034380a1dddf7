import { isIP, isIPv4, isIPv6 } from 'node:net'
import { parseQuantity } from './quantity.ts'

/**
 * The string formats that the API server checks in CRD schemas (kube-openapi's strfmt registry); other formats are ignored.
 * Names are normalized by dropping dashes, as the registry does: `date-time` is `datetime`.
 */
const checks: Record<string, (text: string) => boolean> = {
  bsonobjectid: text => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: isEmail,
  hostname: isHostname,
  ipv4: text => isIPv4(text),
  ipv6: text => isIPv6(text.replace(/%.*$/, '')) && !text.includes('%'),
  cidr: isCidr,
  mac: text =>
    /^([0-9a-f]{2}(:[0-9a-f]{2}){5}|[0-9a-f]{2}(-[0-9a-f]{2}){5}|[0-9a-f]{4}(\.[0-9a-f]{4}){2}|[0-9a-f]{2}([:-][0-9a-f]{2}){7}|[0-9a-f]{4}(\.[0-9a-f]{4}){3})$/i.test(
      text,
    ),
  uuid: text => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid3: text => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid4: text => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  uuid5: text => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  isbn: text => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: text => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: text => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: text =>
    /^rgb\(\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*,\s*(0|[1-9]\d?|1\d\d?|2[0-4]\d|25[0-5])\s*\)$/.test(
      text,
    ),
  byte: text => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text),
  password: () => true,
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  quantity: text => parseQuantity(text) !== undefined,
  k8sshortname: text => text.length <= 63 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(text),
  k8slongname: text =>
    text.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(text),
}

/** The check of a string format, or undefined when the API server does not know it. */
export function formatCheck(format: string): ((text: string) => boolean) | undefined {
  const name = format.replaceAll('-', '')
  return Object.hasOwn(checks, name) ? checks[name] : undefined
}

/** RFC 3339's date-time, with the lenience of strfmt: lower-case letters and a space are refused, fractions are free. */
function isDateTime(text: string): boolean {
  if (text.length < 4) return false
  const match = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-](\d{2}):(\d{2}))$/.exec(text)
  if (match === null || !isDate(match[1]!)) return false
  return Number(match[2]) <= 23 && Number(match[3]) <= 59 && Number(match[4]) <= 59
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return false
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  if (month < 1 || month > 12 || day < 1) return false
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
  return day <= [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!
}

/** Go's durations (`1h30m`, `-1.5s`, `0`), and words as strfmt reads them: `22 ns`, `3 days`. */
function isDuration(text: string): boolean {
  if (/^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return true
  return /^(\d+(\.\d+)?\s*(nanoseconds?|nanos?|ns|microseconds?|micros?|us|µs|milliseconds?|millis?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w)\s*)$/.test(
    text,
  )
}

function isRequestUri(text: string): boolean {
  // Go's url.ParseRequestURI: an absolute URI or an absolute path; no control characters, no spaces in the host.
  if (text === '' || /[\x00-\x1f\x7f]/.test(text)) return false
  if (text.startsWith('/')) return !/%(?![0-9a-fA-F]{2})/.test(text)
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/s.exec(text)
  if (match === null || match[2] === '') return match !== null && match[2] !== ''
  const rest = match[2]!
  if (!rest.startsWith('/')) return true
  if (/%(?![0-9a-fA-F]{2})/.test(rest.split('?')[0]!)) return false
  if (!rest.startsWith('//')) return true
  const host = rest.slice(2).split(/[/?]/)[0]!.replace(/^.*@/, '')
  return !/[ <>"\\^`{}|]/.test(host) && /^(\[[^\]]*\]|[^:]*)(:\d*)?$/.test(host)
}

function isEmail(text: string): boolean {
  const address = /^[^<>]*<([^<>]+)>\s*$/.exec(text)?.[1] ?? text.trim()
  return /^("([^"\\\r\n]|\\.)+"|[^\s@<>()[\],;:\\"]+(?<!\.))@([^\s@<>()[\],;:\\"]+|\[[^\]]+\])$/.test(address)
}

function isHostname(text: string): boolean {
  const part = '[a-zA-Z0-9\\p{S}\\p{L}]'
  const pattern = new RegExp(
    `^(${part}((-?${part}{0,62})?)|(${part}(([a-zA-Z0-9\\-\\p{S}\\p{L}]{0,61}${part})?)(\\.)){1,}(${part})(-?${part}){1,62})$`,
    'u',
  )
  if (!pattern.test(text) || Buffer.byteLength(text) > 255) return false
  return text.split('.').every(label => Buffer.byteLength(label) <= 63)
}

function isCidr(text: string): boolean {
  const match = /^([^/%]+)\/(\d{1,3})$/.exec(text)
  if (match === null) return false
  const family = isIP(match[1]!)
  return family !== 0 && Number(match[2]) <= (family === 4 ? 32 : 128) && !/^0\d/.test(match[2]!)
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^\d{9}[\dX]$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < 10; i++) sum += (digits[i] === 'X' ? 10 : Number(digits[i])) * (10 - i)
  return sum % 11 === 0
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '')
  if (!/^\d{13}$/.test(digits)) return false
  let sum = 0
  for (let i = 0; i < 13; i++) sum += Number(digits[i]) * (i % 2 === 0 ? 1 : 3)
  return sum % 10 === 0
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '')
  const shape =
    /^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11}|6[27]\d{14})$/
  if (!shape.test(digits)) return false
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    let digit = Number(digits[digits.length - 1 - i])
    if (i % 2 === 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2
    sum += digit
  }
  return sum % 10 === 0
}
