import type { FieldError } from '../../kube/field-error.ts'
import { duplicate } from '../../kube/field-errors.ts'
import { placeOf, readDocuments, type SpecDocument, type TextFile } from '../document.ts'
import type { SpecProblem, SpecWarning } from '../problem.ts'
import { assembleCluster, type ClusterSpec } from './cluster-spec.ts'
import { checkDocument } from './document-rules.ts'
import { checkFleet } from './fleet-rules.ts'
import { eksaKindOf } from './kinds.ts'
import { checkReferences, misplaced, unreferenced } from './reference-rules.ts'

/** What was found in files of cluster specs. */
export interface ParsedSpecs {
  /** One for each file with a Cluster, also when it has problems. Use them only when `problems` is empty. */
  readonly specs: readonly ClusterSpec[]
  readonly warnings: readonly SpecWarning[]
  /** Everything wrong, in the order of the files. */
  readonly problems: readonly SpecProblem[]
}

/**
 * Reads files of cluster specs, one cluster a file, and checks everything that can be checked without a server: each
 * object against its kind, the references within a file, and the clusters of several files against each other.
 *
 * @example
 * const { specs, problems } = parseClusterSpecs([{ path: 'mgmt.yaml', text }])
 * if (problems.length > 0) throw specError(problems)
 */
export function parseClusterSpecs(files: readonly TextFile[]): ParsedSpecs {
  const findings = new Findings()
  const specs: ClusterSpec[] = []
  for (const file of files) {
    const { documents, problems } = readDocuments(file)
    findings.problems.push(...problems)
    for (const document of documents) findings.document(document)
    findings.repeated(documents)
    const spec = assembleCluster(file, documents)
    if (spec === undefined) {
      // A Cluster may be in the part of the file that cannot be read.
      if (problems.length === 0) findings.file(file.path, 'no Cluster found in manifest')
      continue
    }
    specs.push(spec)
    findings.cluster(spec)
  }
  for (const { document, error } of checkFleet(specs)) findings.add(document, error)
  return { specs, warnings: findings.warnings, problems: sorted(findings.problems, files) }
}

class Findings {
  readonly problems: SpecProblem[] = []
  readonly warnings: SpecWarning[] = []

  add(document: SpecDocument, error: FieldError): void {
    this.problems.push({ ...error, object: nameOf(document), ...placeOf(document, error.field) })
  }

  file(file: string, detail: string): void {
    this.problems.push({ type: 'FieldValueInvalid', field: '', detail, object: '', file })
  }

  document(document: SpecDocument): void {
    const { errors, warnings } = checkDocument(document)
    for (const error of errors) this.add(document, error)
    for (const { field, message } of warnings) this.#warn(document, field, message)
  }

  /** Objects that stand twice in one file. */
  repeated(documents: readonly SpecDocument[]): void {
    const seen = new Set<string>()
    let clusters = 0
    for (const document of documents) {
      const { apiVersion, kind, metadata } = document.object
      if (eksaKindOf(document.object)?.kind === 'Cluster' && ++clusters > 1) {
        const detail = 'only one Cluster per yaml manifest is allowed'
        this.add(document, { type: 'FieldValueForbidden', field: 'kind', detail })
        continue
      }
      const key = [apiVersion, kind, metadata.namespace ?? 'default', metadata.name].join('/')
      if (seen.has(key)) {
        const detail = `the file has another ${kind} of this name`
        this.add(document, { ...duplicate('metadata.name', metadata.name), detail })
      }
      seen.add(key)
    }
  }

  cluster(spec: ClusterSpec): void {
    const cluster = spec.documents.find(({ object }) => eksaKindOf(object)?.kind === 'Cluster') as SpecDocument
    for (const error of checkReferences(spec)) this.add(cluster, error)
    for (const { document, error } of misplaced(spec)) this.add(document, error)
    for (const document of unreferenced(spec)) {
      const git = /(Flux|GitOps)Config$/.test(document.object.kind)
      const hint = git ? ': name it in spec.gitOpsRef of the Cluster to keep the cluster in Git' : ''
      this.#warn(document, 'metadata.name', `nothing in Cluster/${spec.name} refers to it${hint}`)
    }
  }

  #warn(document: SpecDocument, field: string, message: string): void {
    this.warnings.push({ object: nameOf(document), message, ...placeOf(document, field) })
  }
}

function nameOf({ object }: SpecDocument): string {
  return `${object.kind}/${object.metadata.name ?? ''}`
}

function sorted(problems: readonly SpecProblem[], files: readonly TextFile[]): SpecProblem[] {
  const order = new Map(files.map((file, i) => [file.path, i]))
  const rank = (problem: SpecProblem): number => order.get(problem.file) ?? 0
  return [...problems].sort((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0))
}
