import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { createPortal } from 'react-dom'
import { useSearchParams } from 'wouter'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/class-names.ts'
import styles from './drawer.module.css'

/**
 * What the drawer shows is part of the address (`?open=node-7`), so it can be linked, gone back from, and loaded again.
 * `const drawer = useDrawer()`, `drawer.show('node-7')`, `{drawer.shown && <Drawer title=… onClose={drawer.close}>…}`.
 */
export function useDrawer(name = 'open'): {
  readonly shown: string | undefined
  readonly show: (value: string) => void
  readonly close: () => void
} {
  const [params, setParams] = useSearchParams()
  const shown = params.get(name) ?? undefined
  const put = (value: string | undefined, replace: boolean): void =>
    setParams(
      before => {
        const next = new URLSearchParams(before)
        if (value === undefined) next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace },
    )
  return {
    shown,
    // One step back closes the drawer, however many things were looked at in it.
    show: value => value !== shown && put(value, shown !== undefined),
    close: () => put(undefined, true),
  }
}

/** Details beside the list that they belong to. The list stays where it is and can be used. */
export function Drawer({
  title,
  mark,
  wide,
  actions,
  onClose,
  children,
}: {
  title: string
  mark?: ReactNode
  wide?: boolean
  actions?: ReactNode
  onClose: () => void
  children: ReactNode
}) {
  const id = useId()
  const heading = useRef<HTMLHeadingElement>(null)
  const close = useRef(onClose)
  close.current = onClose
  useEffect(() => {
    const before = document.activeElement
    heading.current?.focus()
    const onKey = (event: KeyboardEvent): void => {
      // A menu or dialog over the drawer takes Escape for itself.
      if (event.key === 'Escape' && !event.defaultPrevented) close.current()
    }
    document.addEventListener('keydown', onKey)
    return () => {
      document.removeEventListener('keydown', onKey)
      if (before instanceof HTMLElement && before !== document.body && before.isConnected)
        before.focus({ preventScroll: true })
      // It was opened by a dialog or menu that is gone: the page goes on at its top, and not at the browser's.
      else if (document.activeElement === document.body)
        document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
    }
  }, [])
  return createPortal(
    <aside className={cx(styles.drawer, wide && styles.wide)} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id} ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h2>
        {mark}
        <IconButton label="Close" icon={X} small onClick={onClose} className={styles.close} />
      </header>
      <div className={styles.body}>{children}</div>
      {actions !== undefined && <footer className={styles.actions}>{actions}</footer>}
    </aside>,
    document.getElementById('drawer-place') ?? document.body,
  )
}
