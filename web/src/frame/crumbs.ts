import { useEffect, useSyncExternalStore } from 'react'
import type { Crumb } from '../ui/breadcrumb.tsx'

let shown: readonly Crumb[] | undefined
const listeners = new Set<() => void>()

function set(crumbs: readonly Crumb[] | undefined): void {
  shown = crumbs
  for (const listener of listeners) listener()
}

/** Puts the way to the page into the top bar, for as long as the page is shown. */
export function useCrumbs(crumbs: readonly Crumb[] | undefined): void {
  const key = JSON.stringify(crumbs)
  useEffect(() => {
    set(key === undefined ? undefined : (JSON.parse(key) as Crumb[]))
    return () => set(undefined)
  }, [key])
}

export function useShownCrumbs(): readonly Crumb[] | undefined {
  return useSyncExternalStore(
    listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => shown,
  )
}
