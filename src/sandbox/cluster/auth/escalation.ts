import { isObject, jsonEqual } from '../../../base/json.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { forbidden, notFound } from '../http/status.ts'
import type { Store } from '../store/store.ts'
import { mayDo, type PolicyRule, rulesFor } from './rbac.ts'
import { ruleTexts, uncovered } from './rule-cover.ts'
import { isMaster, type User } from './user.ts'

const group = 'rbac.authorization.k8s.io'

/**
 * Throws 403 when a role, or a binding of one, would give away rights that its writer does not have, unless the writer may
 * `escalate` the role or `bind` it.
 * Contract: Kubernetes documentation, "Privilege escalation prevention and bootstrapping" of RBAC.
 */
export function checkEscalation(
  store: Store,
  user: User,
  plural: string,
  namespace: string,
  object: KubeObject,
  old: KubeObject | undefined,
): void {
  if (isMaster(user)) return
  const subject = { group, resource: plural, name: object.metadata.name ?? '' }
  const may = (verb: string, resource: string, name: string) =>
    mayDo(store, user, { type: 'resource', verb, group, resource, subresource: '', namespace, name })
  let wanted: readonly PolicyRule[]
  if (plural === 'roles' || plural === 'clusterroles') {
    const keys = ['rules', 'aggregationRule'] as const
    if (old && keys.every(key => jsonEqual(object[key] ?? null, old[key] ?? null))) return
    if (may('escalate', plural, subject.name)) return
    if (object['aggregationRule'] && uncovered([...rulesFor(store, user, '')], everything).length > 0) {
      throw forbidden(subject, 'must have cluster-admin privileges to use an aggregationRule')
    }
    wanted = rulesIn(object)
  } else {
    if (old && jsonEqual(object['roleRef'], old['roleRef']) && jsonEqual(object['subjects'], old['subjects'])) return
    const { resource, name, rules } = referredRole(store, namespace, object)
    if (may('bind', resource, name)) return
    if (!rules) throw notFound({ group, resource, name })
    wanted = rules
  }
  const missing = uncovered([...rulesFor(store, user, namespace)], wanted)
  if (missing.length === 0) return
  const groups = user.groups.map(name => JSON.stringify(name)).join(' ')
  const who = `user ${JSON.stringify(user.name)} (groups=[${groups}])`
  const what = ruleTexts(missing).join('\n')
  throw forbidden(subject, `${who} is attempting to grant RBAC permissions not currently held:\n${what}`)
}

/** The kinds of the group that hand out rights. */
export const grantingCollections: ReadonlySet<string> = new Set(
  ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map(plural => `${plural}.${group}`),
)

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

function rulesIn(role: KubeObject): readonly PolicyRule[] {
  return Array.isArray(role['rules']) ? (role['rules'] as PolicyRule[]) : []
}

function referredRole(store: Store, namespace: string, binding: KubeObject) {
  const ref = isObject(binding['roleRef']) ? binding['roleRef'] : {}
  const resource = ref['kind'] === 'ClusterRole' ? 'clusterroles' : 'roles'
  const name = String(ref['name'] ?? '')
  const key = resource === 'roles' ? `${namespace}/${name}` : name
  const role = store.collection(`${resource}.${group}`).get(key)
  return { resource, name, rules: role && rulesIn(role.object) }
}
