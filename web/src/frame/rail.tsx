import { PanelLeftClose, PanelLeftOpen } from 'lucide-react'
import { Link, useLocation } from 'wouter'
import { useMay } from '../data/session.tsx'
import { entryHref, groupTitles, type PageEntry, pages } from '../pages/registry.ts'
import { IconButton } from '../ui/button.tsx'
import { cx } from '../ui/class-names.ts'
import { Tooltip } from '../ui/tooltip.tsx'
import { Mark } from './mark.tsx'
import styles from './rail.module.css'

/** The pages, at the left. Folded it keeps the icons. */
export function Rail({ folded, onFold }: { folded: boolean; onFold: (folded: boolean) => void }) {
  return (
    <div className={cx(styles.rail, folded && styles.folded)}>
      <Link href="/" className={styles.brand} aria-label="Sluice: start page">
        <Mark />
        <span className={styles.word}>Sluice</span>
      </Link>
      <RailLinks folded={folded} />
      <div className={styles.foot}>
        <IconButton
          small
          label={folded ? 'Unfold the navigation' : 'Fold the navigation'}
          icon={folded ? PanelLeftOpen : PanelLeftClose}
          aria-expanded={!folded}
          onClick={() => onFold(!folded)}
        />
      </div>
    </div>
  )
}

/** The links alone: in the rail, and in the sheet on a phone. */
export function RailLinks({ folded = false, onGo }: { folded?: boolean; onGo?: () => void }) {
  const may = useMay()
  const shown = pages.filter(p => p.group !== undefined && (p.role === undefined || may(p.role)))
  const groups = ['main', 'configuration'] as const
  return (
    <nav aria-label="Pages" className={styles.nav}>
      {groups.map(group => {
        const entries = shown.filter(p => p.group === group)
        if (entries.length === 0) return null
        const title = groupTitles[group]
        return (
          <div key={group} className={styles.group}>
            {title !== undefined && <p className={styles.title}>{folded ? '' : title}</p>}
            <ul>
              {entries.map(entry => (
                <li key={entry.path}>
                  <RailLink entry={entry} folded={folded} onGo={onGo} />
                </li>
              ))}
            </ul>
          </div>
        )
      })}
    </nav>
  )
}

function RailLink({ entry, folded, onGo }: { entry: PageEntry; folded: boolean; onGo: (() => void) | undefined }) {
  const [path] = useLocation()
  const href = entryHref(entry)
  const here = path === href || (href !== '/' && path.startsWith(`${href}/`))
  const link = (
    <Link
      href={href}
      className={cx(styles.link, here && styles.here)}
      aria-current={here ? 'page' : undefined}
      onClick={onGo}
      onPointerEnter={() => void entry.load()}
    >
      {entry.icon && <entry.icon size={16} aria-hidden />}
      <span className={folded ? 'visually-hidden' : styles.label}>{entry.title}</span>
    </Link>
  )
  return folded ? (
    <Tooltip text={entry.title} side="right">
      {link}
    </Tooltip>
  ) : (
    link
  )
}
