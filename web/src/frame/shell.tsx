import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useEffect, useState } from 'react'
import { useMay } from '../data/session.tsx'
import { useSearchSources } from '../pages/palette.ts'
import { entryHref, pages } from '../pages/registry.ts'
import { IconButton } from '../ui/button.tsx'
import { useReturnFocus } from '../ui/return-focus.ts'
import { Toasts } from '../ui/toast.tsx'
import { Palette } from './palette.tsx'
import { addPaletteSource, filterEntries } from './palette-sources.ts'
import { Rail, RailLinks } from './rail.tsx'
import { Routes } from './routes.tsx'
import { SessionEnded } from './session-ended.tsx'
import styles from './shell.module.css'
import { setTheme } from './theme.ts'
import { TopBar } from './top-bar.tsx'

const foldedKey = 'sluice.rail'

/** What surrounds every page. */
export function Shell() {
  const [folded, setFolded] = useStoredFlag(foldedKey)
  const [searching, setSearching] = useState(false)
  const [menu, setMenu] = useState(false)
  useScrollToTop()
  usePalette()
  useSearchSources()
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
      event.preventDefault()
      setSearching(open => !open)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to the page
      </a>
      <div className={styles.rail}>
        <Rail folded={folded} onFold={setFolded} />
      </div>
      <div className={styles.column}>
        <TopBar onSearch={() => setSearching(true)} onMenu={() => setMenu(true)} />
        <main id="main" tabIndex={-1} className={styles.main}>
          <Routes />
        </main>
      </div>
      <div id="drawer-place" />
      <Palette open={searching} onClose={() => setSearching(false)} />
      <Sheet open={menu} onClose={() => setMenu(false)} />
      <Toasts />
      <SessionEnded />
    </div>
  )
}

/** The rail on a phone. */
function Sheet({ open, onClose }: { open: boolean; onClose: () => void }) {
  const focus = useReturnFocus()
  return (
    <Dialog.Root open={open} onOpenChange={next => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={styles.scrim} />
        <Dialog.Content {...focus} className={styles.sheet} aria-describedby={undefined}>
          <div className={styles.sheetHead}>
            <Dialog.Title className={styles.sheetTitle}>Sluice</Dialog.Title>
            <Dialog.Close asChild>
              <IconButton label="Close" icon={X} />
            </Dialog.Close>
          </div>
          <RailLinks onGo={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** Pages that may be seen, and the themes, are in the palette from the start. */
function usePalette(): void {
  const may = useMay()
  useEffect(() => {
    const stops = [
      addPaletteSource({
        id: 'pages',
        title: 'Pages',
        find: text =>
          filterEntries(
            pages
              .filter(p => p.group !== undefined && (p.role === undefined || may(p.role)))
              .map(p => ({
                id: p.path,
                title: p.title,
                ...(p.icon ? { icon: p.icon } : {}),
                run: { to: entryHref(p) },
              })),
            text,
          ),
      }),
      addPaletteSource({
        id: 'console',
        title: 'Console',
        find: text =>
          text === ''
            ? []
            : filterEntries(
                (['light', 'dark', 'system'] as const).map(theme => ({
                  id: theme,
                  title: theme === 'system' ? 'Theme as the system' : `${theme === 'dark' ? 'Dark' : 'Light'} theme`,
                  words: ['theme', 'colours', 'appearance'],
                  run: () => setTheme(theme),
                })),
                text,
              ),
      }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [may])
}

/** A page that is gone to starts at its top; going back, the browser itself returns to where one was. */
function useScrollToTop(): void {
  useEffect(() => {
    let path = location.pathname
    const onPush = (): void => {
      if (location.pathname !== path) window.scrollTo(0, 0)
      path = location.pathname
    }
    const onPop = (): void => {
      path = location.pathname
    }
    window.addEventListener('pushState', onPush)
    window.addEventListener('popstate', onPop)
    return () => {
      window.removeEventListener('pushState', onPush)
      window.removeEventListener('popstate', onPop)
    }
  }, [])
}

function useStoredFlag(key: string): [boolean, (value: boolean) => void] {
  const [value, setValue] = useState(() => {
    try {
      return localStorage.getItem(key) === 'folded'
    } catch {
      return false
    }
  })
  return [
    value,
    next => {
      setValue(next)
      try {
        localStorage.setItem(key, next ? 'folded' : 'open')
      } catch {
        // Without storage it is open again next time.
      }
    },
  ]
}
