import { isObject } from '../../base/json.ts'
import { invalid } from '../../kube/field-errors.ts'
import { parseApiVersion } from '../../kube/identity.ts'
import { placeOf, readDocuments, type SpecDocument, type TextFile } from '../document.ts'
import { refuseSecrets } from '../eks-anywhere/secrets.ts'
import { withoutFields } from '../field-path.ts'
import type { SpecProblem } from '../problem.ts'
import { checkClusterConfigShape } from './check-shape.ts'
import { clusterConfigRules } from './cluster-config-rules.ts'
import { type ClusterConfig, eksctlApiVersion, eksctlGroup } from './cluster-config-schema.ts'

/** A file with a ClusterConfig. */
export interface ClusterConfigFile {
  readonly path: string
  /** The whole text: what goes to Git, byte for byte. */
  readonly text: string
  /** As written; eksctl's defaults are applied by the readers of single fields. */
  readonly config: ClusterConfig
  readonly document: SpecDocument
}

/** Whether a document of a file is eksctl's. */
export function isEksctlObject(object: { readonly apiVersion: string }): boolean {
  return parseApiVersion(object.apiVersion).group === eksctlGroup
}

/**
 * Reads a file of eksctl: one ClusterConfig, and nothing else, as eksctl's own loader wants it. Unknown fields are problems,
 * because eksctl decodes strictly. Nothing is filled in, so that the file can be kept as it is.
 *
 * @throws SluiceError E_SPEC_SECRET when the file holds a credential.
 */
export function readClusterConfig(file: TextFile): {
  readonly found: ClusterConfigFile | undefined
  readonly problems: readonly SpecProblem[]
} {
  const { documents, problems: unreadable } = readDocuments(file)
  refuseSecrets(documents)
  const problems = [...unreadable]
  const add = (document: SpecDocument, error: Parameters<typeof withProblem>[1]) =>
    problems.push(withProblem(document, error))
  let found: ClusterConfigFile | undefined
  for (const document of documents) {
    const { object } = document
    if (!isEksctlObject(object)) {
      add(document, invalid('apiVersion', object.apiVersion, `a file of eksctl holds nothing but a ClusterConfig`))
    } else if (object.apiVersion !== eksctlApiVersion) {
      add(document, invalid('apiVersion', object.apiVersion, `expected ${eksctlApiVersion}`))
    } else if (object.kind !== 'ClusterConfig') {
      add(document, invalid('kind', object.kind, 'expected ClusterConfig'))
    } else if (found !== undefined) {
      add(document, invalid('kind', object.kind, 'only one ClusterConfig in a file'))
    } else {
      const errors = checkClusterConfigShape(object)
      const wrong = errors.filter(error => error.type === 'FieldValueTypeInvalid').map(error => error.field)
      const config = withoutNulls(withoutFields(object, wrong)) as unknown as ClusterConfig
      // A rule has nothing to add where something at the place, or in it, is of a wrong type.
      const seen = errors.map(error => error.field)
      const told = (field: string) => seen.some(other => other === field || other.startsWith(`${field}.`))
      for (const rule of clusterConfigRules) {
        for (const error of rule.check(config)) if (!told(error.field)) errors.push(error)
      }
      for (const error of errors) add(document, error)
      found = { path: file.path, text: file.text, config, document }
    }
  }
  if (found === undefined && problems.length === 0) {
    problems.push({
      type: 'FieldValueInvalid',
      field: '',
      detail: 'no ClusterConfig found',
      object: '',
      file: file.path,
    })
  }
  return { found, problems: problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0)) }
}

function withProblem(document: SpecDocument, error: Omit<SpecProblem, 'object' | 'file'>): SpecProblem {
  const { kind, metadata } = document.object
  return { ...error, object: `${kind}/${metadata.name ?? ''}`, ...placeOf(document, error.field) }
}

/** Null is the same as absent to Go's decoder; an element of a list stays. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(item => (item === null ? {} : withoutNulls(item)))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  )
}
