import { describe, expect, test } from 'vitest'
import type { Schema } from '../../../kube/schema/types.ts'
import type { KindDefinition } from '../kinds/types.ts'
import { type OpenapiSource, openapiV2, openapiV3Document, openapiV3Index } from './index.ts'

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const meta: Schema = { type: 'object', properties: { name: { type: 'string' } } }
const tree: { type: 'object'; properties: Record<string, Schema> } = { type: 'object', properties: {} }
tree.properties['child'] = tree
const patched: Schema = { ...tree, 'x-kubernetes-patch-strategy': 'retainKeys' }

function kind(change: Partial<KindDefinition>, schema: Schema | undefined): KindDefinition {
  return {
    group: 'example.com',
    kind: 'Widget',
    listKind: 'WidgetList',
    plural: 'widgets',
    singular: 'widget',
    shortNames: [],
    categories: [],
    namespaced: true,
    storageVersion: 'v1',
    custom: true,
    strategy: {},
    versions: [{ version: 'v1', verbs, schema, subresources: { status: true } }],
    ...change,
  }
}

const widget = kind(
  {},
  {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['a'],
        properties: {
          a: { type: 'string', enum: ['x'] },
          n: { type: 'string', nullable: true },
          p: { 'x-kubernetes-int-or-string': true },
          free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { k: { type: 'string' } } },
        },
      },
    },
  },
)
const deployment = kind(
  { group: 'apps', kind: 'Deployment', listKind: 'DeploymentList', plural: 'deployments', custom: false },
  { type: 'object', properties: { metadata: meta, patched, tree } },
)

class Source implements OpenapiSource {
  revision = 1
  readonly version = 'v1.36.2'
  readonly objectMeta = meta
  readonly list: KindDefinition[] = [deployment, widget]
  kinds(): Iterable<KindDefinition> {
    return this.list
  }
  definitionName(schema: Schema): string | undefined {
    if (schema === meta) return 'meta.ObjectMeta'
    if (schema === tree || schema === patched) return 'example.Tree'
    return schema === deployment.versions[0]!.schema ? 'apps.v1.Deployment' : undefined
  }
}

const parse = (document: { json: string } | undefined) => JSON.parse(document!.json)

describe('OpenAPI v3', () => {
  test('the index names each group version with the hash of its document', () => {
    const source = new Source()
    const { paths } = parse(openapiV3Index(source))
    expect(Object.keys(paths)).toEqual(['apis/apps/v1', 'apis/example.com/v1'])
    const { hash } = openapiV3Document('apis/apps/v1', source)!
    expect(paths['apis/apps/v1'].serverRelativeURL).toBe(`/openapi/v3/apis/apps/v1?hash=${hash}`)
  })

  test('kinds carry their group, version and kind, and refer to shared schemas, also to those that hold themselves', () => {
    const { components } = parse(openapiV3Document('apis/apps/v1', new Source()))
    expect(components.schemas['apps.v1.Deployment']).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'Deployment', version: 'v1' }],
      properties: { tree: { $ref: '#/components/schemas/example.Tree' } },
    })
    expect(components.schemas['apps.v1.Deployment'].properties.patched).toEqual({
      'x-kubernetes-patch-strategy': 'retainKeys',
      allOf: [{ $ref: '#/components/schemas/example.Tree' }],
    })
    expect(components.schemas['example.Tree']['x-kubernetes-patch-strategy']).toBeUndefined()
    expect(components.schemas['example.Tree'].properties.child).toEqual({ $ref: '#/components/schemas/example.Tree' })
  })

  test('custom kinds get the fields that all objects have', () => {
    const { components, paths } = parse(openapiV3Document('apis/example.com/v1', new Source()))
    const schema = components.schemas['com.example.v1.Widget']
    expect(schema.properties.metadata).toEqual({ $ref: '#/components/schemas/meta.ObjectMeta' })
    expect(schema.properties.spec.properties.n).toEqual({ type: 'string', nullable: true })
    expect(schema.properties.spec.properties.p.oneOf).toEqual([{ type: 'integer' }, { type: 'string' }])
    const patch = paths['/apis/example.com/v1/namespaces/{namespace}/widgets/{name}'].patch
    expect(patch['x-kubernetes-action']).toBe('patch')
    expect(patch.parameters.map((parameter: { name: string }) => parameter.name)).toContain('fieldValidation')
    expect(Object.keys(paths)).toContain('/apis/example.com/v1/namespaces/{namespace}/widgets/{name}/status')
    expect(Object.keys(paths)).toContain('/apis/example.com/v1/widgets')
  })

  test('a change makes new documents only for the group versions that it is about', () => {
    const source = new Source()
    const [before, apps] = [openapiV3Index(source), openapiV3Document('apis/apps/v1', source)]
    expect(openapiV3Index(source)).toBe(before)
    source.list.pop()
    source.revision++
    expect(openapiV3Index(source)).not.toBe(before)
    expect(openapiV3Document('apis/apps/v1', source)).toBe(apps)
    expect(openapiV3Document('apis/example.com/v1', source)).toBeUndefined()
  })
})

describe('OpenAPI v2', () => {
  test('all group versions are in one document, without what 2.0 does not know', () => {
    const document = parse(openapiV2(new Source()))
    expect(document.swagger).toBe('2.0')
    const spec = document.definitions['com.example.v1.Widget'].properties.spec
    expect(spec.properties.n).toEqual({})
    expect(spec.properties.p).toEqual({ type: 'string', format: 'int-or-string' })
    expect(spec.properties.free).toEqual({ type: 'object', 'x-kubernetes-preserve-unknown-fields': true })
    expect(document.definitions['apps.v1.Deployment']).toBeDefined()
    const put = document.paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}'].put
    expect(put.parameters[0].schema).toEqual({ $ref: '#/definitions/apps.v1.Deployment' })
  })
})
