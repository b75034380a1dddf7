import { type ComponentType, type ElementType, type ReactNode, useEffect } from 'react'

interface Props {
  readonly as?: ElementType
  readonly enabled?: boolean
  readonly children?: ReactNode
  readonly [other: string]: unknown
}

let locks = 0

/**
 * Stands in for the package react-remove-scroll under Radix (vite.config.ts says so): that one writes style elements,
 * which the Content-Security-Policy forbids. While any is mounted, the page behind does not scroll.
 */
export const RemoveScroll: ComponentType<Props> = ({ as, enabled = true, children }) => {
  useEffect(() => {
    if (!enabled) return
    locks += 1
    document.body.classList.add('scroll-locked')
    return () => {
      locks -= 1
      if (locks === 0) document.body.classList.remove('scroll-locked')
    }
  }, [enabled])
  const Root = as
  return Root === undefined ? children : <Root>{children}</Root>
}
