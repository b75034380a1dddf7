import { SluiceError } from '../base/errors/index.ts'
import type { FieldError } from '../kube/field-error.ts'
import { formatFieldError } from '../kube/field-error-format.ts'
import { redact } from '../secrets/secret.ts'

/** Where something stands in a file; line and column count from 1. */
export interface Place {
  /** Path of the file as it was given. */
  readonly file: string
  readonly line?: number
  readonly column?: number
}

/** One thing wrong in a file of specs. */
export interface SpecProblem extends FieldError, Place {
  /** `Cluster/prod`; '' when the problem is with the file. */
  readonly object: string
}

/** Something that is allowed and yet worth a word. */
export interface SpecWarning extends Place {
  /** `Cluster/prod`; '' when it is about the file. */
  readonly object: string
  readonly message: string
}

/** `fleet.yaml:12:5: Cluster/prod: spec.a: Invalid value: 4: rule`; secrets are taken out. */
export function formatProblem(problem: SpecProblem): string {
  const rule = problem.field === '' ? problem.detail : formatFieldError(problem)
  return redact([formatPlace(problem), problem.object, rule].filter(part => part !== '').join(': '))
}

/** `fleet.yaml:12: Cluster/prod: message`; secrets are taken out. */
export function formatWarning(warning: SpecWarning): string {
  return redact([formatPlace(warning), warning.object, warning.message].filter(part => part !== '').join(': '))
}

/** All problems as one error with a line for each; `details.problems` has them as data. */
export function specError(problems: readonly SpecProblem[]): SluiceError {
  const lines = problems.map(formatProblem)
  return new SluiceError('E_SPEC_INVALID', {
    seen: lines.length === 1 ? lines[0] : `${lines.length} problems\n${lines.map(line => `  ${line}`).join('\n')}`,
    details: {
      problems: problems.map((problem, i) => ({
        file: problem.file,
        line: problem.line,
        column: problem.column,
        object: problem.object,
        field: problem.field,
        type: problem.type,
        message: lines[i],
      })),
    },
  })
}

function formatPlace({ file, line, column }: Place): string {
  return [file, line, column].filter(part => part !== undefined).join(':')
}
