import { useRef } from 'react'

/**
 * Sends the focus back to where it came from when a dialog closes. Radix does so for dialogs that have a trigger of their
 * own; ours are opened by the state of a page.
 */
export function useReturnFocus(): {
  readonly onOpenAutoFocus: () => void
  readonly onCloseAutoFocus: (event: Event) => void
} {
  const from = useRef<Element>(null)
  return {
    onOpenAutoFocus: () => {
      from.current = document.activeElement
    },
    onCloseAutoFocus: event => {
      event.preventDefault()
      // A page that was gone to from the dialog has taken the focus for its heading.
      if (document.activeElement !== document.body) return
      if (from.current instanceof HTMLElement && from.current.isConnected) from.current.focus()
    },
  }
}
