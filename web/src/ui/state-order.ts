/** Whether Git and the cluster agree: the only thing that has colours of its own. */
export type State = 'agreed' | 'moving' | 'attention' | 'broken' | 'paused'

/** From what needs somebody to what does not: for sorting. */
export const stateOrder: readonly State[] = ['broken', 'attention', 'moving', 'paused', 'agreed']

/** The one of several that needs somebody most: what stands over all of them. Undefined of none. */
export function worstOf<T extends { readonly state: State }>(all: readonly T[]): T | undefined {
  return all.reduce<T | undefined>(
    (worst, one) =>
      worst === undefined || stateOrder.indexOf(one.state) < stateOrder.indexOf(worst.state) ? one : worst,
    undefined,
  )
}
