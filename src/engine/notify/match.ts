import type { Alert } from '../../specs/flux/alert.ts'
import { testPattern } from './bounded-pattern.ts'
import type { FluxEvent } from './event.ts'

/** Patterns longer than this, or more of them, are refused: a list is for people to read. */
const longestPattern = 1000
const mostPatterns = 100

/** What is wrong with the configuration of an alert; told as an event about it. */
export interface MatchProblem {
  readonly reason: 'InvalidConfig'
  readonly message: string
}

export interface MatchResult {
  readonly matches: boolean
  readonly problems: readonly MatchProblem[]
}

/** An entry of `spec.eventSources`. */
export type EventSource = Alert['spec']['eventSources'][number]

/** The entries of an alert that an event is of, labels left aside. */
export function sourcesFor(alert: Alert, event: FluxEvent): EventSource[] {
  const { involvedObject: about, severity } = event
  if (severity === 'trace') return []
  if (alert.spec.eventSeverity === 'error' && severity !== 'error') return []
  return alert.spec.eventSources.filter(source => {
    const namespace = source.namespace || alert.metadata.namespace
    return (
      about.namespace === namespace && about.kind === source.kind && (source.name === '*' || source.name === about.name)
    )
  })
}

/** Whether an object has all labels of a source. */
export function labelsMatch(
  wanted: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return Object.entries(wanted ?? {}).every(([key, value]) => labels?.[key] === value)
}

/** Whether the lists of an alert let a message through: it is included when there is a list for that, and not excluded. */
export function messageMatches(alert: Alert, message: string): MatchResult {
  const problems: MatchProblem[] = []
  const some = (patterns: readonly string[], which: 'inclusion' | 'exclusion'): boolean => {
    if (patterns.length > mostPatterns) {
      const text = `the ${which}List has ${patterns.length} expressions: expected at most ${mostPatterns}; the rest is not used`
      problems.push({ reason: 'InvalidConfig', message: text })
    }
    return patterns.slice(0, mostPatterns).some(pattern => {
      const result =
        pattern.length > longestPattern
          ? `longer than ${longestPattern} characters: \`${pattern.slice(0, 50)}…\``
          : testPattern(pattern, message)
      if (typeof result === 'boolean') return result
      problems.push({ reason: 'InvalidConfig', message: `failed to compile ${which} regex: ${result}` })
      return false
    })
  }
  const { inclusionList = [], exclusionList = [] } = alert.spec
  const matches = (inclusionList.length === 0 || some(inclusionList, 'inclusion')) && !some(exclusionList, 'exclusion')
  return { matches, problems }
}
