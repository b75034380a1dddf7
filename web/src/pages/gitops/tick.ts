import type { ConnectionView, ProofView } from '../../../../src/server/contract/connections.ts'
import type { State } from '../../ui/state.tsx'

/** The tick of a connection: its colour, and its word. */
export const ticks: Readonly<Record<ConnectionView['state'], { readonly state: State; readonly word: string }>> = {
  proven: { state: 'agreed', word: 'Proven' },
  attention: { state: 'attention', word: 'Attention' },
  broken: { state: 'broken', word: 'Broken' },
  unproven: { state: 'broken', word: 'Not proven' },
}

export const outcomes: Readonly<Record<ProofView['outcome'], { readonly state: State; readonly word: string }>> = {
  proven: { state: 'agreed', word: 'Proven' },
  failed: { state: 'broken', word: 'Failed' },
  unknown: { state: 'attention', word: 'Could not ask' },
}

/** `9 checks passed, 1 warning`. */
export function checkWords({ lines }: Pick<ProofView, 'lines'>): string {
  const count = (status: ProofView['lines'][number]['status']) => lines.filter(line => line.status === status).length
  const [passed, failed, warned, left] = [count('pass'), count('fail'), count('warn'), count('not-run')]
  const parts = [
    `${passed} ${passed === 1 ? 'check' : 'checks'} passed`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(warned === 0 ? [] : [`${warned} ${warned === 1 ? 'warning' : 'warnings'}`]),
    ...(left === 0 ? [] : [`${left} not run`]),
  ]
  return parts.join(', ')
}
