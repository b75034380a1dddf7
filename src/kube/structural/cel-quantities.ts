import type { Environment } from '@marcbachmann/cel-js'
import { parseQuantity } from './quantity.ts'

const unit = 1_000_000_000n

/** An amount of the `quantity()` function, in 1e-9 units. */
class CelQuantity {
  readonly nano: bigint
  constructor(nano: bigint) {
    this.nano = nano
  }
}

/** Kubernetes' quantity library. */
export function registerQuantities(env: Environment): void {
  const type = 'kubernetes.Quantity'
  env.registerType(type, { ctor: CelQuantity, fields: {} })
  env.registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined)
  env.registerFunction(`quantity(string): ${type}`, (text: string) => {
    const nano = parseQuantity(text)
    if (nano === undefined) {
      throw new Error("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    }
    return new CelQuantity(nano)
  })
  env.registerOperator(`${type} == ${type}`, (a: CelQuantity, b: CelQuantity) => a.nano === b.nano)
  env.registerFunction(`${type}.sign(): int`, (a: CelQuantity) => (a.nano > 0n ? 1n : a.nano < 0n ? -1n : 0n))
  env.registerFunction(`${type}.isInteger(): bool`, (a: CelQuantity) => a.nano % unit === 0n)
  env.registerFunction(`${type}.asInteger(): int`, (a: CelQuantity) => {
    if (a.nano % unit !== 0n) throw new Error('cannot convert value to integer')
    return a.nano / unit
  })
  env.registerFunction(`${type}.asApproximateFloat(): double`, (a: CelQuantity) => Number(a.nano) / Number(unit))
  env.registerFunction(`${type}.isGreaterThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => a.nano > b.nano)
  env.registerFunction(`${type}.isLessThan(${type}): bool`, (a: CelQuantity, b: CelQuantity) => a.nano < b.nano)
  env.registerFunction(`${type}.compareTo(${type}): int`, (a: CelQuantity, b: CelQuantity) =>
    a.nano > b.nano ? 1n : a.nano < b.nano ? -1n : 0n,
  )
  env.registerFunction(
    `${type}.add(${type}): ${type}`,
    (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nano + b.nano),
  )
  env.registerFunction(`${type}.add(int): ${type}`, (a: CelQuantity, b: bigint) => new CelQuantity(a.nano + b * unit))
  env.registerFunction(
    `${type}.sub(${type}): ${type}`,
    (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.nano - b.nano),
  )
  env.registerFunction(`${type}.sub(int): ${type}`, (a: CelQuantity, b: bigint) => new CelQuantity(a.nano - b * unit))
}
