import { ChevronRight } from 'lucide-react'
import { Fragment } from 'react'
import { Link } from 'wouter'
import styles from './breadcrumb.module.css'

export interface Crumb {
  readonly title: string
  readonly to?: string
}

/** Where one is, and the way back up. */
export function Breadcrumb({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumb" className={styles.nav}>
      <ol className={styles.list}>
        {crumbs.map((crumb, index) => (
          <Fragment key={`${crumb.title} ${crumb.to ?? ''}`}>
            {index > 0 && (
              <li aria-hidden className={styles.sign}>
                <ChevronRight size={14} />
              </li>
            )}
            <li className={styles.crumb}>
              {crumb.to !== undefined && index < crumbs.length - 1 ? (
                <Link href={crumb.to}>{crumb.title}</Link>
              ) : (
                <span aria-current={index === crumbs.length - 1 ? 'page' : undefined}>{crumb.title}</span>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}
