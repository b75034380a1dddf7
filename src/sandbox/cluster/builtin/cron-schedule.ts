import { goQuote } from '../../../kube/go-format.ts'

const bounds: readonly { low: number; high: number; names?: readonly string[] }[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { low: 0, high: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

/**
 * What is wrong with a cron schedule, in the words of the parser that Kubernetes uses (robfig/cron, standard form with
 * five fields), or undefined when it is right.
 */
export function cronProblem(schedule: string): string | undefined {
  let rest = schedule
  const zone = /^(?:TZ|CRON_TZ)=(\S+)\s+/.exec(rest)
  if (zone !== null) rest = rest.slice(zone[0].length)
  if (rest.startsWith('@')) {
    if (descriptors.includes(rest)) return undefined
    const every = /^@every (.+)$/.exec(rest)
    if (every === null) return `unrecognized descriptor: ${rest}`
    return /^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/.test(every[1]!)
      ? undefined
      : `failed to parse duration ${rest}: time: invalid duration ${goQuote(every[1]!)}`
  }
  const fields = rest.split(/\s+/).filter(field => field !== '')
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
  for (const [i, field] of fields.entries()) {
    for (const part of field.split(',')) {
      const problem = partProblem(part, bounds[i]!)
      if (problem !== undefined) return problem
    }
  }
  return undefined
}

function partProblem(
  part: string,
  bound: { low: number; high: number; names?: readonly string[] },
): string | undefined {
  const steps = part.split('/')
  const range = steps[0]!.split('-')
  if (steps.length > 2) return `too many slashes: ${part}`
  if (range.length > 2) return `too many hyphens: ${part}`
  let [low, high] = [bound.low, bound.high]
  if (range[0] !== '*' && range[0] !== '?') {
    const first = figureOf(range[0]!, bound)
    if (typeof first === 'string') return first
    const last = range.length === 2 ? figureOf(range[1]!, bound) : steps.length === 2 ? bound.high : first
    if (typeof last === 'string') return last
    low = first
    high = last
  }
  if (steps.length === 2) {
    const step = figureOf(steps[1]!, bound)
    if (typeof step === 'string') return step
    if (step === 0) return `step of range should be a positive number: ${part}`
  }
  if (low < bound.low) return `beginning of range (${low}) below minimum (${bound.low}): ${part}`
  if (high > bound.high) return `end of range (${high}) above maximum (${bound.high}): ${part}`
  return low > high ? `beginning of range (${low}) beyond end of range (${high}): ${part}` : undefined
}

function figureOf(text: string, bound: { names?: readonly string[]; low: number }): number | string {
  const named = bound.names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return named + bound.low
  if (/^\d+$/.test(text)) return Number(text)
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`
}
