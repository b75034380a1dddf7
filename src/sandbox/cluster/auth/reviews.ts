import { isObject } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { invalid } from '../http/status.ts'
import type { Store } from '../store/store.ts'
import type { Attempt } from './attempt.ts'
import type { Authenticator } from './authenticator.ts'
import { mayDo, type PolicyRule, rulesFor } from './rbac.ts'
import { isMaster, type User, userInfo } from './user.ts'

/** What a review is made with. */
export interface ReviewContext {
  readonly store: Store
  readonly authenticator: Authenticator
  /** Who asks. */
  readonly user: User
  /** The namespace in the path; '' at the cluster scope. */
  readonly namespace: string
}

type Review = (context: ReviewContext, object: KubeObject) => Record<string, unknown>

/** The kinds that are answered and not kept, by kind: what their status becomes. */
const reviews: Readonly<Record<string, Review>> = {
  SelfSubjectReview: ({ user }) => ({ userInfo: userInfo(user) }),
  SelfSubjectAccessReview: ({ store, user }, object) => accessStatus(store, user, object),
  SubjectAccessReview: ({ store }, object) => accessStatus(store, subjectOf(object), object),
  LocalSubjectAccessReview: ({ store }, object) => accessStatus(store, subjectOf(object), object),
  SelfSubjectRulesReview: ({ store, user }, object) => rulesStatus(store, user, object),
  TokenReview: ({ authenticator }, object) => tokenStatus(authenticator, object),
}

/** Answers a review; undefined for kinds that are none. */
export function answerReview(context: ReviewContext, object: KubeObject): KubeObject | undefined {
  const review = reviews[object.kind]
  if (!review) return undefined
  return { ...object, status: review(context, object) }
}

function accessStatus(store: Store, user: User, object: KubeObject): Record<string, unknown> {
  const spec = isObject(object['spec']) ? object['spec'] : {}
  const errors = attributeErrors(object, spec)
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', resource: '', name: '' }, errors)
  const allowed = mayDo(store, user, attemptOf(spec))
  return isMaster(user) || !allowed ? { allowed } : { allowed, reason: 'RBAC: allowed by a bound role' }
}

function attributeErrors(object: KubeObject, spec: Record<string, unknown>): FieldError[] {
  const errors: FieldError[] = []
  const resource = spec['resourceAttributes']
  const path = spec['nonResourceAttributes']
  if (resource !== undefined && path !== undefined) {
    const { path: Path = '', verb: Verb = '' } = path as Record<string, unknown>
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.nonResourceAttributes',
      value: { Path, Verb },
      detail: 'cannot be specified in combination with resourceAttributes',
    })
  }
  if (resource === undefined && path === undefined) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.resourceAttributes',
      value: null,
      detail: 'exactly one of nonResourceAttributes or resourceAttributes must be specified',
    })
  }
  const { managedFields: _, ...metadata } = object.metadata
  const allowed = object.kind === 'LocalSubjectAccessReview' ? 1 : 0
  if (Object.values(metadata).filter(value => value !== undefined).length > allowed) {
    errors.push({ type: 'FieldValueInvalid', field: 'metadata', value: metadata, detail: 'must be empty' })
  }
  if (
    object.kind !== 'SelfSubjectAccessReview' &&
    !spec['user'] &&
    !(Array.isArray(spec['groups']) && spec['groups'].length > 0)
  ) {
    errors.push({
      type: 'FieldValueInvalid',
      field: 'spec.user',
      value: spec['user'] ?? '',
      detail: 'at least one of user or group must be specified',
    })
  }
  return errors
}

function attemptOf(spec: Record<string, unknown>): Attempt {
  const path = spec['nonResourceAttributes']
  const of = (from: unknown, key: string) => (isObject(from) && typeof from[key] === 'string' ? from[key] : '')
  if (path !== undefined) return { type: 'path', verb: of(path, 'verb'), path: of(path, 'path') }
  const from = spec['resourceAttributes']
  const [resource, subresource, namespace] = [of(from, 'resource'), of(from, 'subresource'), of(from, 'namespace')]
  return {
    type: 'resource',
    verb: of(from, 'verb'),
    group: of(from, 'group'),
    resource,
    subresource,
    namespace,
    name: of(from, 'name'),
  }
}

function subjectOf(object: KubeObject): User {
  const spec = isObject(object['spec']) ? object['spec'] : {}
  const groups = Array.isArray(spec['groups']) ? spec['groups'].map(String) : []
  return { name: String(spec['user'] ?? ''), uid: String(spec['uid'] ?? ''), groups, extra: {} }
}

function rulesStatus(store: Store, user: User, object: KubeObject): Record<string, unknown> {
  const spec = isObject(object['spec']) ? object['spec'] : {}
  const all: PolicyRule[] = isMaster(user)
    ? [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    : [...rulesFor(store, user, String(spec['namespace'] ?? ''))]
  return {
    resourceRules: all.filter(rule => rule.resources),
    nonResourceRules: all
      .filter(rule => rule.nonResourceURLs)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  }
}

function tokenStatus(authenticator: Authenticator, object: KubeObject): Record<string, unknown> {
  const spec = isObject(object['spec']) ? object['spec'] : {}
  const user = authenticator.userOf(String(spec['token'] ?? ''))
  if (!user) return { user: {}, error: 'invalid bearer token' }
  return { authenticated: true, user: userInfo(user) }
}
