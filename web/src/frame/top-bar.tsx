import { Menu as MenuIcon, Search } from 'lucide-react'
import { type ComponentType, lazy, Suspense } from 'react'
import { matchRoute, useLocation, useRouter } from 'wouter'
import { entryHref, groupTitles, pages } from '../pages/registry.ts'
import { topBarSlots } from '../pages/slots.ts'
import { Breadcrumb, type Crumb } from '../ui/breadcrumb.tsx'
import { IconButton } from '../ui/button.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { useShownCrumbs } from './crumbs.ts'
import { LiveIndicator } from './live-indicator.tsx'
import { PersonMenu } from './person-menu.tsx'
import styles from './top-bar.module.css'

const Environment = slot(topBarSlots.environment)
const Health = slot(topBarSlots.health)

/** Where one is, what is searched, whether all is well, who one is. */
export function TopBar({ onSearch, onMenu }: { onSearch: () => void; onMenu: () => void }) {
  return (
    <header className={styles.bar}>
      <span className={styles.menu}>
        <IconButton label="Pages" icon={MenuIcon} onClick={onMenu} />
      </span>
      <Breadcrumb crumbs={useWay()} />
      <div className={styles.end}>
        <LiveIndicator />
        <Suspense fallback={null}>{Environment && <Environment />}</Suspense>
        <button type="button" className={styles.search} onClick={onSearch} aria-keyshortcuts="Control+K">
          <Search size={16} aria-hidden />
          <span className={styles.searchWord}>Search</span>
          <span className={styles.searchKey} aria-hidden>
            <Kbd>Ctrl K</Kbd>
          </span>
        </button>
        <Suspense fallback={null}>{Health && <Health />}</Suspense>
        <PersonMenu />
      </div>
    </header>
  )
}

/** The crumbs of the page, or its group and title from the registry. */
function useWay(): readonly Crumb[] {
  const own = useShownCrumbs()
  const [path] = useLocation()
  const { parser } = useRouter()
  if (own !== undefined) return own
  const entry = pages.find(p => matchRoute(parser, p.path, path)[0])
  if (entry === undefined) return [{ title: 'Sluice' }]
  const group = entry.group === undefined ? undefined : groupTitles[entry.group]
  return [...(group === undefined ? [] : [{ title: group }]), { title: entry.title, to: entryHref(entry) }]
}

function slot(load: (() => Promise<ComponentType>) | undefined): ComponentType | undefined {
  return load && lazy(async () => ({ default: await load() }))
}
