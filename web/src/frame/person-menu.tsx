import { LogOut, UserRound } from 'lucide-react'
import { useLocation } from 'wouter'
import { signOut, useSession } from '../data/session.tsx'
import { entryHref, pages } from '../pages/registry.ts'
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuSeparator } from '../ui/menu.tsx'
import { toast } from '../ui/toast.tsx'
import { setTheme, useTheme } from './theme.ts'
import styles from './top-bar.module.css'

/** Who is signed in; the theme; signing out. */
export function PersonMenu() {
  const { person, version } = useSession()
  const [, navigate] = useLocation()
  const theme = useTheme()
  const account = pages.find(p => entryHref(p) === '/account')
  const shown = person.displayName === '' ? person.name : person.displayName
  return (
    <Menu
      trigger={
        <button type="button" className={styles.person} aria-label={`${shown}: account and theme`}>
          <span aria-hidden>{initials(shown)}</span>
        </button>
      }
    >
      <MenuLabel>
        <span className={styles.who}>{shown}</span>
        <br />
        {person.name} · Sluice {version}
      </MenuLabel>
      <MenuSeparator />
      {account !== undefined && (
        <MenuItem icon={UserRound} onSelect={() => navigate('/account')}>
          Account
        </MenuItem>
      )}
      <MenuChoice
        label="Theme"
        value={theme}
        onChange={setTheme}
        choices={[
          { value: 'system', label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
      <MenuSeparator />
      <MenuItem
        icon={LogOut}
        onSelect={() =>
          void signOut().catch(() => toast('broken', 'You are still signed in: the server did not answer.'))
        }
      >
        Sign out
      </MenuItem>
    </Menu>
  )
}

function initials(name: string): string {
  const parts = name.split(/[\s._@-]+/).filter(Boolean)
  return [parts[0], parts.length > 1 ? parts.at(-1) : undefined]
    .map(p => (p === undefined ? '' : [...p][0]))
    .join('')
    .toUpperCase()
}
