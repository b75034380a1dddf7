import type { Attempt } from './attempt.ts'

/** The types that `Ready` is made of, the most important first. */
const order = ['Remediated', 'TestSuccess', 'Released'] as const

/** `Ready` out of the newest and most important of the other conditions: whatever was remediated is not ready (Flux). */
export function summarize({ conditions, object }: Attempt): void {
  const { test } = object.spec
  if (!test?.enable) conditions.remove('TestSuccess')
  const counted = order.filter(type => type !== 'TestSuccess' || (test?.enable && !test.ignoreFailures))
  const found = counted.map(type => conditions.get(type)).filter(condition => condition !== undefined)
  const newest = Math.max(...found.map(condition => condition.observedGeneration ?? 0))
  const first = found.find(condition => (condition.observedGeneration ?? 0) === newest)
  if (first === undefined) return
  const status = first.type === 'Remediated' ? 'False' : (first.status as 'True' | 'False' | 'Unknown')
  if (status === 'True') conditions.remove('Stalled')
  conditions.set('Ready', status, first.reason ?? '', first.message ?? '')
}
