import type { KindDefinition, KindVersion } from '../kinds/types.ts'
import type { Components, Dialect, SchemaObject } from './components.ts'
import { nameParameter, namespaceParameter, type Parameter, parametersOf, writeParameter } from './parameters.ts'
import { groupVersionPath } from './source.ts'

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
]
/** Custom kinds know no strategic merge; kubectl sends one when it finds the type here. */
const customPatchTypes = patchTypes.filter(type => !type.includes('strategic'))
const outputs = ['application/json', 'application/yaml']

/** Writes the paths of one kind in one version. */
export class PathWriter {
  readonly #components: Components
  readonly #dialect: Dialect
  readonly #paths: Record<string, SchemaObject>

  constructor(components: Components, dialect: Dialect, paths: Record<string, SchemaObject>) {
    this.#components = components
    this.#dialect = dialect
    this.#paths = paths
  }

  /** @param component the name of the kind's schema. */
  add(definition: KindDefinition, version: KindVersion, component: string): void {
    const { group, kind, plural, namespaced } = definition
    const base = `/${groupVersionPath(group, version.version)}`
    const gvk = { group, version: version.version, kind }
    const here = namespaced ? `${base}/namespaces/{namespace}/${plural}` : `${base}/${plural}`
    const verbs = new Set(version.verbs)
    const scope: Parameter[] = namespaced ? [namespaceParameter] : []
    const tell = (action: string, verb: string, method: string, output: string): SchemaObject =>
      this.#operation({ gvk, action, verb, method, namespaced, custom: definition.custom, input: component, output })
    const collection: SchemaObject = {}
    if (verbs.has('list')) collection['get'] = tell('list', 'list', 'list', `${component}List`)
    if (verbs.has('create')) collection['post'] = tell('post', 'create', 'post', component)
    if (verbs.has('deletecollection')) collection['delete'] = tell('deletecollection', 'deleteCollection', 'delete', '')
    this.#paths[here] = { ...collection, parameters: this.#parameters(scope) }
    if (version.virtual) return
    const item: SchemaObject = {}
    if (verbs.has('get')) item['get'] = tell('get', 'read', 'get', component)
    if (verbs.has('update')) item['put'] = tell('put', 'replace', 'put', component)
    if (verbs.has('patch')) item['patch'] = tell('patch', 'patch', 'patch', component)
    if (verbs.has('delete')) item['delete'] = tell('delete', 'delete', 'delete', '')
    const ofOne = this.#parameters([nameParameter, ...scope])
    this.#paths[`${here}/{name}`] = { ...item, parameters: ofOne }
    if (namespaced && verbs.has('list')) {
      this.#paths[`${base}/${plural}`] = { get: tell('list', 'listAll', 'list', `${component}List`), parameters: [] }
    }
    if (version.subresources.status) {
      this.#paths[`${here}/{name}/status`] = {
        get: tell('get', 'readStatus', 'get', component),
        put: tell('put', 'replaceStatus', 'put', component),
        patch: tell('patch', 'patchStatus', 'patch', component),
        parameters: ofOne,
      }
    }
  }

  #parameters(list: readonly Parameter[]): SchemaObject[] {
    return list.map(parameter => writeParameter(parameter, this.#dialect))
  }

  #operation(facts: Operation): SchemaObject {
    const { gvk, action, verb, method, namespaced, input, output } = facts
    const id = `${verb}${pascal(gvk.group === '' ? 'core' : gvk.group.split('.')[0]!)}${pascal(gvk.version)}${namespaced ? 'Namespaced' : ''}${gvk.kind}`
    const schema = output === '' ? { type: 'object' } : this.#components.ref(output)
    const operation: SchemaObject = {
      description: `${verb} ${gvk.kind}`,
      operationId: id,
      tags: [`${gvk.group === '' ? 'core' : gvk.group.split('.')[0]}_${gvk.version}`],
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': gvk,
    }
    const parameters = this.#parameters(parametersOf[method] ?? [])
    const patches = facts.custom ? customPatchTypes : patchTypes
    const writes = method === 'post' || method === 'put' || method === 'patch'
    const body = method === 'patch' ? { type: 'object' } : this.#components.ref(input)
    if (this.#dialect === 'v2') {
      operation['consumes'] = method === 'patch' ? patches : ['*/*']
      operation['produces'] = outputs
      operation['parameters'] = writes
        ? [{ name: 'body', in: 'body', required: true, schema: body }, ...parameters]
        : parameters
      operation['responses'] = { '200': { description: 'OK', schema }, '401': { description: 'Unauthorized' } }
      return operation
    }
    operation['parameters'] = parameters
    if (writes) {
      const types = method === 'patch' ? patches : ['*/*']
      operation['requestBody'] = { required: true, content: contentOf(types, body) }
    }
    operation['responses'] = {
      '200': { description: 'OK', content: contentOf(outputs, schema) },
      '401': { description: 'Unauthorized' },
    }
    return operation
  }
}

interface Operation {
  readonly gvk: { group: string; version: string; kind: string }
  readonly action: string
  readonly verb: string
  readonly method: string
  readonly namespaced: boolean
  readonly custom: boolean
  readonly input: string
  readonly output: string
}

function contentOf(types: readonly string[], schema: SchemaObject): SchemaObject {
  return Object.fromEntries(types.map(type => [type, { schema }]))
}

function pascal(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
