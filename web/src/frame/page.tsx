import { type ReactNode, useEffect, useRef } from 'react'
import type { Crumb } from '../ui/breadcrumb.tsx'
import { cx } from '../ui/class-names.ts'
import { useCrumbs } from './crumbs.ts'
import styles from './page.module.css'

/** The page whose heading had the focus last: going to another moves it, a drawer or a tab does not. */
let focusedPath: string | undefined

export interface PageProps {
  readonly title: string
  /** Beside the title: a state, a kind. */
  readonly mark?: ReactNode
  /** One or two sentences: what this is. */
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  /** The way to here, this page last; without it the registry's group and title. */
  readonly crumbs?: readonly Crumb[]
  /** Uses the whole width: graphs and diffs. */
  readonly full?: boolean
  readonly children: ReactNode
}

/** A page: its title is the document's, and takes the focus when the page is gone to. */
export function Page({ title, mark, lead, actions, crumbs, full, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Sluice`
    const path = location.pathname
    if (focusedPath !== undefined && focusedPath !== path) heading.current?.focus({ preventScroll: true })
    focusedPath = path
  }, [title])
  useCrumbs(crumbs)
  return (
    <div className={cx(styles.page, full && styles.full)}>
      <header className={styles.head}>
        <div className={styles.words}>
          <div className={styles.line}>
            <h1 ref={heading} tabIndex={-1} className={styles.title}>
              {title}
            </h1>
            {mark}
          </div>
          {lead !== undefined && <p className={styles.lead}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}
