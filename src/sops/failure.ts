import { type ErrorCode, type ErrorFacts, SluiceError } from '../base/errors/index.ts'

/** The codes of this folder. */
export type SopsCode = Extract<ErrorCode, `E_SOPS_${string}`>

/** What is wrong with an encrypted file or a key, before the file's name is known. Never holds a value. */
export class Failure extends Error {
  readonly code: SopsCode
  readonly facts: ErrorFacts

  constructor(code: SopsCode, facts: ErrorFacts) {
    super(facts.seen ?? code)
    this.code = code
    this.facts = facts
  }
}

/** Runs work on a file and gives its failures the file's name. */
export async function naming<T>(object: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const inner = error.facts.object === undefined ? object : `${object}: ${error.facts.object}`
    throw new SluiceError(error.code, { ...error.facts, object: inner, cause: error })
  }
}
