import { parseQuantity } from '../kube/structural/index.ts'

/** Fields of Kubernetes' own kinds that hold quantities by their names, and those that are one. */
const lists = new Set(['hard', 'requests', 'limits', 'capacity', 'overhead'])
const single = new Set(['sizeLimit', 'divisor'])

/** Whether what stands in a field of this name, in a field of `parent`, is a quantity. */
export function isQuantityField(parent: string | undefined, name: string): boolean {
  return single.has(name) || (parent !== undefined && lists.has(parent))
}

/** Whether two values are the same quantity: the API server writes `1000` as `1k`, and `1000m` as `1`. */
export function sameQuantity(one: unknown, other: unknown): boolean {
  const [a, b] = [quantityOf(one), quantityOf(other)]
  return a !== undefined && a === b
}

function quantityOf(value: unknown): bigint | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseQuantity(String(value)) : undefined
}
