import type { KubeObject } from '../../../kube/object.ts'
import { objectMetaSchema } from '../../../kube/schema/object-meta.ts'
import type { Schema } from '../../../kube/schema/types.ts'
import { byVersionPriority } from '../kinds/registry.ts'
import type { KindDefinition, KindVersion } from '../kinds/types.ts'
import { customColumns } from '../tables/index.ts'
import { type CrdVersion, specOf } from './crd.ts'
import { customStrategy } from './custom-strategy.ts'

/** The order in which the API server lists the verbs of custom resources. */
const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/** The kind that an established definition makes the server serve. */
export function customKind(crd: KubeObject): KindDefinition {
  const { group, scope, names = {}, versions = [] } = specOf(crd)
  const kind = names.kind ?? ''
  const served = versions.filter(version => version.served)
  const definition = { group, kind }
  return {
    ...definition,
    listKind: names.listKind ?? `${kind}List`,
    plural: names.plural ?? '',
    singular: names.singular ?? kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    custom: true,
    storageVersion: versions.find(version => version.storage)?.name ?? served[0]?.name ?? '',
    versions: served
      .map(version => kindVersion(version, definition))
      .sort((a, b) => byVersionPriority(a.version, b.version)),
    strategy: customStrategy(crd, versions),
  }
}

/** The schema of a version with what every object has: definitions leave metadata to the server. */
function withObjectMeta(schema: Schema | undefined): Schema | undefined {
  if (!schema) return undefined
  const properties = { apiVersion: text, kind: text, ...schema.properties, metadata: objectMetaSchema }
  return { ...schema, type: 'object', properties }
}

const text: Schema = { type: 'string' }

function kindVersion(version: CrdVersion, { group, kind }: { group: string; kind: string }): KindVersion {
  const { subresources = {} } = version
  return {
    version: version.name,
    verbs,
    schema: withObjectMeta(version.schema?.openAPIV3Schema),
    subresources: { status: subresources.status !== undefined, scale: subresources.scale },
    columns: customColumns(version.additionalPrinterColumns),
    selectableFields: version.selectableFields?.map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
    deprecationWarning: version.deprecated
      ? (version.deprecationWarning ?? `${group}/${version.name} ${kind} is deprecated`)
      : undefined,
  }
}
