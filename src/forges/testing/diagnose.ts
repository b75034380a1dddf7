import type { CheckLine } from '../checklist.ts'
import type { Forge, TokenTarget } from '../types.ts'

/** Runs the checks of a forge to their end. */
export async function diagnose(forge: Forge, target: Partial<TokenTarget> = {}): Promise<CheckLine[]> {
  const whole = { owner: 'acme', personal: false, repository: 'fleet', branch: 'main', ...target }
  const lines: CheckLine[] = []
  for await (const line of forge.check(whole)) lines.push(line)
  return lines
}

/** The status of each line, by its id. */
export function statuses(lines: readonly CheckLine[]): Record<string, CheckLine['status']> {
  return Object.fromEntries(lines.map(line => [line.id, line.status]))
}

/** The first line that failed; undefined when none did. */
export function firstFailure(lines: readonly CheckLine[]): CheckLine | undefined {
  return lines.find(line => line.status === 'fail')
}
