import type { BootstrapContext } from './types.ts'

/** Runs an effect on the world through the seam of the context, if it has one. */
export function effect<T>(context: BootstrapContext, name: string, work: () => Promise<T>): Promise<T> {
  return context.effect ? context.effect(name, work) : work()
}
