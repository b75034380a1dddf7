import type { AppliedGuardrail } from '../../specs/index.ts'
import { printable } from './printable.ts'
import type { Style } from './style.ts'

/** The limits of the repository that are about a change, each with its place. */
export function guardrailLines(guardrails: readonly AppliedGuardrail[] = [], style: Style): string[] {
  return guardrails.map(({ place, group, rule, broken }) => {
    const mark = broken === undefined ? style.good('✔') : style.bad('✗')
    return `${mark} ${group}: ${printable(rule)} ${style.dim(`(${place})`)}${broken === undefined ? '' : `: ${broken}`}`
  })
}
