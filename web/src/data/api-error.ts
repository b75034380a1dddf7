import type { Problem } from '../../../src/server/contract/problem.ts'

export type ProblemDetail = Problem['error']

/** An answer of the server that says no, or no answer at all: what the pages show, and never more than the server said. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** HTTP status; 0 where no answer came. */
  readonly status: number
  readonly problem: ProblemDetail

  constructor(status: number, problem: ProblemDetail) {
    super(problem.message)
    this.status = status
    this.problem = problem
  }

  get code(): string {
    return this.problem.code
  }

  /** What the server has against one field of a form, by its path joined with dots: `values.replicas`. */
  field(path: string): string | undefined {
    return this.problem.fields?.find(f => f.path.join('.') === path)?.message
  }
}

/** Reads an answer's problem. Anything may stand between the console and the server, so anything may be in the body. */
export function problemOf(status: number, body: unknown): ProblemDetail {
  const error = isRecord(body) && isRecord(body['error']) ? body['error'] : undefined
  if (error !== undefined && typeof error['code'] === 'string' && typeof error['message'] === 'string') {
    return error as unknown as ProblemDetail
  }
  if (status === 0) {
    return {
      code: 'E_UNREACHABLE',
      message: 'The server did not answer.',
      next: 'Check that the server runs and that this computer reaches it. The page tries again by itself.',
    }
  }
  return {
    code: `HTTP_${status}`,
    message: `The server answered with status ${status}.`,
    next: 'If a proxy stands before the server, its log says more; so does the log of the server.',
  }
}

/** Any thrown value as something that a page can show. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new ApiError(0, {
    code: 'E_CONSOLE',
    message: 'This part of the console failed.',
    seen: message,
    next: 'Load the page again. If it fails again, report this with what you did before.',
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
