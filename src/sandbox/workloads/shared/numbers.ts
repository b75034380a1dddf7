import type { IntOrPercent } from './types.ts'

/** What a number or a percentage of a total comes to (intstr `GetScaledValueFromIntOrPercent`). */
export function scaled(value: IntOrPercent, total: number, round: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const part = (Number.parseInt(value, 10) * total) / 100
  return round === 'up' ? Math.ceil(part) : Math.floor(part)
}

/** The sum of a figure over a list. */
export function sumOf<T>(list: readonly T[], figure: (item: T) => number): number {
  return list.reduce((sum, item) => sum + figure(item), 0)
}
