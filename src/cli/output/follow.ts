import type { FollowProgress } from '../../fleet/follow.ts'
import type { ScalePlan } from '../../fleet/scale.ts'
import type { Forge } from '../../forges/types.ts'
import { type CliIo, note } from '../io.ts'
import { diffLines } from './bootstrap.ts'
import { guardrailLines } from './guardrails.ts'
import { printable } from './printable.ts'
import { requestNoun } from './review.ts'

/** Prints what a change of a cluster's file will be, on standard error. */
export function planReporter(io: CliIo, forge: Forge, same: string): (plan: ScalePlan) => void {
  return plan => {
    if (plan.diff === '') return note(io, `${plan.path} ${same}`)
    note(io, `${io.err.bold(plan.path)} on ${plan.branch}`)
    for (const line of diffLines(plan.diff, io.err, '  ')) note(io, line)
    for (const line of guardrailLines(plan.guardrails, io.err)) note(io, line)
    if (plan.review !== undefined)
      note(io, `${io.err.attention('!')} it would go through a ${requestNoun(forge)}: ${printable(plan.review)}`)
  }
}

/** Prints each stage of following a commit once, on standard error. */
export function followReporter(io: CliIo): (progress: FollowProgress) => void {
  let said = ''
  return ({ stage, waitingFor }) => {
    const text = waitingFor === undefined ? stage : `waiting for ${waitingFor}`
    if (text === said) return
    said = text
    note(io, waitingFor === undefined ? `${io.err.good('✔')} ${text}` : `${io.err.moving('◌')} ${io.err.dim(text)}`)
  }
}
