import { jsonEqual } from '../../../base/json.ts'
import type { FieldError } from '../../../kube/field-error.ts'
import { invalid, notSupported, required } from '../../../kube/field-errors.ts'
import { GoStruct } from '../../../kube/go-format.ts'
import type { KubeObject } from '../../../kube/object.ts'
import { pathSegmentName, subdomainName } from '../../../kube/structural/names.ts'
import type { KindStrategy } from '../kinds/types.ts'
import { child, ensure, type Fields, items, setDefault, text, texts } from './fields.ts'
import { selectorErrors } from './selector.ts'

const rbacGroup = 'rbac.authorization.k8s.io'

/** Rules of Roles and ClusterRoles. */
export const roleStrategies = {
  Role: roleStrategy(true),
  ClusterRole: roleStrategy(false),
} as const satisfies Record<string, KindStrategy>

function roleStrategy(namespaced: boolean): KindStrategy {
  const validate = (object: KubeObject): FieldError[] => roleErrors(object, namespaced)
  return {
    nameRule: pathSegmentName,
    allowCreateOnUpdate: true,
    applyDefaults(object) {
      // No rules is written as null: the list has no `omitempty`.
      if (items(object, 'rules').length === 0) object['rules'] = null
    },
    validateCreate: validate,
    validateUpdate: validate,
    hasGeneration: false,
  }
}

function roleErrors(object: KubeObject, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  items(object, 'rules').forEach((rule, i) => {
    const at = `rules[${i}]`
    if (texts(rule, 'verbs').length === 0) errors.push(required(`${at}.verbs`, 'verbs must contain at least one value'))
    const urls = texts(rule, 'nonResourceURLs')
    const [groups, resources] = [texts(rule, 'apiGroups'), texts(rule, 'resources')]
    if (urls.length > 0) {
      if (namespaced) {
        errors.push(invalid(`${at}.nonResourceURLs`, urls, 'namespaced rules cannot apply to non-resource URLs'))
      }
      if (groups.length > 0 || resources.length > 0 || texts(rule, 'resourceNames').length > 0) {
        const why = 'rules cannot apply to both regular resources and non-resource URLs'
        errors.push(invalid(`${at}.nonResourceURLs`, urls, why))
      }
      return
    }
    if (groups.length === 0)
      errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'))
    if (resources.length === 0)
      errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'))
  })
  const aggregation = child(object, 'aggregationRule')
  if (aggregation === undefined) return errors
  const selectors = items(aggregation, 'clusterRoleSelectors')
  if (selectors.length === 0) {
    const why = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
    errors.push(required('aggregationRule.clusterRoleSelectors', why))
  }
  selectors.forEach((selector, i) => {
    errors.push(...selectorErrors(selector, `aggregationRule.clusterRoleSelectors[${i}]`))
  })
  return errors
}

/** Rules of RoleBindings and ClusterRoleBindings. */
export const bindingStrategies = {
  RoleBinding: bindingStrategy(['Role', 'ClusterRole'], true),
  ClusterRoleBinding: bindingStrategy(['ClusterRole'], false),
} as const satisfies Record<string, KindStrategy>

function bindingStrategy(kinds: readonly string[], namespaced: boolean): KindStrategy {
  return {
    nameRule: pathSegmentName,
    allowCreateOnUpdate: true,
    applyDefaults(object) {
      setDefault(ensure(object, 'roleRef'), 'apiGroup', rbacGroup)
      for (const subject of items(object, 'subjects')) {
        if (subject['kind'] === 'User' || subject['kind'] === 'Group') setDefault(subject, 'apiGroup', rbacGroup)
      }
      if (items(object, 'subjects').length === 0) delete object['subjects']
    },
    validateCreate: object => bindingErrors(object, kinds, namespaced),
    validateUpdate(object, old) {
      const errors = bindingErrors(object, kinds, namespaced)
      if (!jsonEqual(object['roleRef'], old['roleRef'])) {
        errors.push(invalid('roleRef', shownRef(child(object, 'roleRef') ?? {}), 'cannot change roleRef'))
      }
      return errors
    },
    hasGeneration: false,
  }
}

function shownRef(ref: Fields): GoStruct {
  return new GoStruct({ APIGroup: text(ref, 'apiGroup'), Kind: text(ref, 'kind'), Name: text(ref, 'name') })
}

function bindingErrors(object: KubeObject, kinds: readonly string[], namespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  const ref = child(object, 'roleRef') ?? {}
  const [group, kind, name] = [text(ref, 'apiGroup'), text(ref, 'kind'), text(ref, 'name')]
  if (group !== rbacGroup) errors.push(notSupported('roleRef.apiGroup', group, [rbacGroup]))
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds))
  if (name === '') errors.push(required('roleRef.name'))
  else for (const rule of pathSegmentName(name)) errors.push(invalid('roleRef.name', name, rule))
  for (const [i, subject] of items(object, 'subjects').entries())
    subjectErrors(subject, `subjects[${i}]`, namespaced, errors)
  return errors
}

function subjectErrors(subject: Fields, path: string, namespaced: boolean, errors: FieldError[]): void {
  const [kind, name, group] = [text(subject, 'kind'), text(subject, 'name'), text(subject, 'apiGroup')]
  if (name === '') errors.push(required(`${path}.name`))
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') for (const rule of subdomainName(name)) errors.push(invalid(`${path}.name`, name, rule))
      if (group !== '') errors.push(notSupported(`${path}.apiGroup`, group, ['']))
      if (!namespaced && text(subject, 'namespace') === '') errors.push(required(`${path}.namespace`))
      return
    case 'User':
    case 'Group':
      if (group !== rbacGroup) errors.push(notSupported(`${path}.apiGroup`, group, [rbacGroup]))
      return
    default:
      errors.push(notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  }
}
