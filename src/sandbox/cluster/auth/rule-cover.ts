import type { PolicyRule } from './rbac.ts'

/**
 * The parts of `wanted` that no rule of `held` allows, each one verb on one resource, or on one path.
 * Contract: Kubernetes' `rbac/validation.Covers`.
 */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  return wanted.flatMap(rule => [...atoms(rule)]).filter(atom => !held.some(rule => covers(rule, atom)))
}

function* atoms(rule: PolicyRule): Generator<PolicyRule> {
  for (const verb of rule.verbs ?? []) {
    for (const url of rule.nonResourceURLs ?? []) yield { nonResourceURLs: [url], verbs: [verb] }
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (!rule.resourceNames?.length) yield part
        for (const name of rule.resourceNames ?? []) yield { ...part, resourceNames: [name] }
      }
    }
  }
}

function covers(held: PolicyRule, atom: PolicyRule): boolean {
  if (!hasAll(held.verbs, atom.verbs)) return false
  if (atom.nonResourceURLs)
    return atom.nonResourceURLs.every(url => (held.nonResourceURLs ?? []).some(one => urlCovers(one, url)))
  if (
    !hasAll(held.apiGroups, atom.apiGroups) ||
    !held.resources?.some(one => resourceCovers(one, atom.resources![0]!))
  ) {
    return false
  }
  const names = held.resourceNames ?? []
  return names.length === 0 || (atom.resourceNames ?? ['']).every(name => names.includes(name))
}

function hasAll(list: readonly string[] | undefined, wanted: readonly string[] = []): boolean {
  return list !== undefined && (list.includes('*') || wanted.every(one => list.includes(one)))
}

function resourceCovers(held: string, wanted: string): boolean {
  if (held === '*' || held === wanted) return true
  const cut = wanted.indexOf('/')
  return cut >= 0 && held === `*${wanted.slice(cut)}`
}

function urlCovers(held: string, wanted: string): boolean {
  return held === wanted || (held.endsWith('*') && wanted.startsWith(held.slice(0, -1)))
}

/** Rules as the API server prints them: `{APIGroups:["apps"], Resources:["deployments"], Verbs:["get" "list"]}`, verbs of one thing together. */
export function ruleTexts(rules: readonly PolicyRule[]): string[] {
  const verbs = new Map<string, Set<string>>()
  for (const rule of rules) {
    const parts = [
      part('APIGroups', rule.apiGroups),
      part('Resources', rule.resources),
      part('NonResourceURLs', rule.nonResourceURLs),
      part('ResourceNames', rule.resourceNames),
    ]
    const key = parts.filter(text => text !== '').join(', ')
    const known = verbs.get(key) ?? new Set()
    for (const verb of rule.verbs ?? []) known.add(verb)
    verbs.set(key, known)
  }
  return [...verbs].map(([key, set]) => `{${key}, ${part('Verbs', [...set])}}`).sort()
}

function part(name: string, values: readonly string[] | undefined): string {
  return values?.length ? `${name}:[${values.map(value => JSON.stringify(value)).join(' ')}]` : ''
}
