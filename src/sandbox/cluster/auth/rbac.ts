import { isObject } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import type { Store } from '../store/store.ts'
import type { Attempt } from './attempt.ts'
import { isMaster, serviceAccountOf, type User } from './user.ts'

/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly verbs?: readonly string[]
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

interface Subject {
  readonly kind?: string
  readonly name?: string
  readonly namespace?: string
}

const suffix = 'rbac.authorization.k8s.io'

/** Whether a user may do something, by the roles that are bound to it. Contract: Kubernetes documentation, "Using RBAC Authorization". */
export function mayDo(store: Store, user: User, attempt: Attempt): boolean {
  if (isMaster(user)) return true
  const namespace = attempt.type === 'resource' ? attempt.namespace : ''
  for (const rule of rulesFor(store, user, namespace)) if (allows(rule, attempt)) return true
  return false
}

/** The rules that hold for a user: those bound at the cluster scope and, with a namespace, those bound in it. */
export function* rulesFor(store: Store, user: User, namespace: string): Generator<PolicyRule> {
  for (const record of store.collection(`clusterrolebindings.${suffix}`).records()) {
    if (binds(record.object, user, '')) yield* rulesOf(store, record.object, '')
  }
  if (namespace === '') return
  for (const record of store.collection(`rolebindings.${suffix}`).records(namespace)) {
    if (binds(record.object, user, namespace)) yield* rulesOf(store, record.object, namespace)
  }
}

function binds(binding: KubeObject, user: User, namespace: string): boolean {
  const { subjects } = binding
  return Array.isArray(subjects) && subjects.some(subject => isObject(subject) && isSubject(subject, user, namespace))
}

function isSubject(subject: Subject, user: User, namespace: string): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.name === user.name
    case 'Group':
      return user.groups.includes(subject.name ?? '')
    case 'ServiceAccount': {
      const account = serviceAccountOf(user.name)
      return account?.name === subject.name && account?.namespace === (subject.namespace || namespace)
    }
    default:
      return false
  }
}

function rulesOf(store: Store, binding: KubeObject, namespace: string): readonly PolicyRule[] {
  const { roleRef } = binding
  if (!isObject(roleRef)) return []
  const name = String(roleRef['name'])
  const role =
    roleRef['kind'] === 'ClusterRole'
      ? store.collection(`clusterroles.${suffix}`).get(name)
      : store.collection(`roles.${suffix}`).get(`${namespace}/${name}`)
  const rules = role?.object['rules']
  return Array.isArray(rules) ? (rules as PolicyRule[]) : []
}

/** Whether one rule allows an attempt. */
export function allows(rule: PolicyRule, attempt: Attempt): boolean {
  if (!has(rule.verbs, attempt.verb)) return false
  if (attempt.type === 'path') {
    return (rule.nonResourceURLs ?? []).some(url =>
      url.endsWith('*') ? attempt.path.startsWith(url.slice(0, -1)) : url === attempt.path,
    )
  }
  const { group, resource, subresource, name } = attempt
  if (!has(rule.apiGroups, group)) return false
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  const matches = (rule.resources ?? []).some(
    wanted => wanted === '*' || wanted === full || (subresource !== '' && wanted === `*/${subresource}`),
  )
  if (!matches) return false
  const names = rule.resourceNames ?? []
  return names.length === 0 || (name !== '' && names.includes(name))
}

function has(list: readonly string[] | undefined, wanted: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(wanted))
}
