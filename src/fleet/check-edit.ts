import { SluiceError } from '../base/errors/index.ts'
import { formatFieldError } from '../kube/field-error-format.ts'
import { invalid } from '../kube/field-errors.ts'
import {
  eksaKindOf,
  formatProblem,
  parseClusterSpecs,
  placeOf,
  readClusterConfig,
  readDocuments,
  type SpecDocument,
  type SpecProblem,
} from '../specs/index.ts'
import { clusterIn } from './set-count.ts'

/** A file before and after somebody edited it. */
export interface EditedFile {
  readonly path: string
  readonly cluster: string
  readonly before: string
  readonly after: string
  /** Whether it is a ClusterConfig of eksctl. */
  readonly eksctl: boolean
}

/**
 * Fails with E_FLEET_EDIT_REFUSED when the new text breaks a rule that the old one kept: of an object by itself, of the
 * references between them, or of changes (fields that cannot be changed).
 */
export function checkEdit(file: EditedFile): void {
  const added = editProblems(file)
  if (added.length > 0) {
    const lines = [...new Set(added.map(formatProblem))]
    throw new SluiceError('E_FLEET_EDIT_REFUSED', { object: file.path, seen: lines.join('\n  ') })
  }
}

/** The same as data, by line. Fails with E_FLEET_CLUSTER_UNKNOWN when the cluster is not in the text any more. */
export function editProblems(file: EditedFile): SpecProblem[] {
  const { path, before, after } = file
  if (!file.eksctl && readDocuments({ path, text: after }).problems.length === 0) clusterIn(after, file.cluster)
  const problems = file.eksctl ? eksctlProblems(file) : eksaProblems(file)
  const old = new Set((file.eksctl ? readClusterConfig({ path, text: before }).problems : parse(path, before)).map(key))
  return problems.filter(problem => !old.has(key(problem)))
}

/** eksctl itself has no update of a whole file: what names the cluster in AWS is what must stay. */
function eksctlProblems({ path, before, after }: EditedFile): SpecProblem[] {
  const { found, problems } = readClusterConfig({ path, text: after })
  const was = readClusterConfig({ path, text: before }).found?.config.metadata
  const now = found?.config.metadata
  const moved = (['name', 'region'] as const).filter(field => found && was && was[field] !== now?.[field])
  return [
    ...problems,
    ...moved.map(field => ({
      ...invalid(`metadata.${field}`, now?.[field], 'field is immutable: it says which cluster of AWS this is'),
      object: 'ClusterConfig',
      ...placeOf(found!.document, `metadata.${field}`),
    })),
  ]
}

function eksaProblems({ path, before, after }: EditedFile): SpecProblem[] {
  const problems = parse(path, after)
  const old = new Map(documents(path, before).map(document => [identity(document), document]))
  for (const document of documents(path, after)) {
    const kind = eksaKindOf(document.object)
    const was = old.get(identity(document))
    if (!kind || !was) continue
    for (const error of kind.validateUpdate(document.object, was.object)) {
      problems.push({ ...error, object: nameOf(document), ...placeOf(document, error.field) })
    }
  }
  return problems
}

function parse(path: string, text: string): SpecProblem[] {
  return [...parseClusterSpecs([{ path, text }]).problems]
}

function documents(path: string, text: string): readonly SpecDocument[] {
  return readDocuments({ path, text }).documents
}

function identity({ object: { apiVersion, kind, metadata } }: SpecDocument): string {
  return [apiVersion, kind, metadata.namespace ?? 'default', metadata.name].join('/')
}

function nameOf({ object }: SpecDocument): string {
  return `${object.kind}/${object.metadata.name ?? ''}`
}

/** Without the place: lines move with an edit. */
function key(problem: SpecProblem): string {
  return `${problem.object} ${formatFieldError(problem)}`
}
