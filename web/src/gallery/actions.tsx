import { Ellipsis, GitPullRequest, Pause, Plus, RotateCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Drawer, useDrawer } from '../frame/drawer.tsx'
import { Button, IconButton } from '../ui/button.tsx'
import { ConfirmDialog, Dialog } from '../ui/dialog.tsx'
import { Kbd } from '../ui/kbd.tsx'
import { Menu, MenuItem, MenuSeparator } from '../ui/menu.tsx'
import { Facts } from '../ui/section.tsx'
import { StateBadge } from '../ui/state.tsx'
import { Toasts, toast } from '../ui/toast.tsx'
import styles from './gallery.module.css'

export function Actions() {
  const [open, setOpen] = useState<'dialog' | 'confirm'>()
  const drawer = useDrawer()
  return (
    <div className={styles.stack}>
      <div className={styles.line}>
        <Button kind="primary">Commit to main</Button>
        <Button icon={GitPullRequest}>Open pull request</Button>
        <Button kind="plain">Cancel</Button>
        <Button kind="danger" icon={Trash2}>
          Remove from Git
        </Button>
        <Button kind="primary" busy>
          Commit to main
        </Button>
        <Button disabled>Commit to main</Button>
        <Button small icon={Plus}>
          Add connection
        </Button>
        <IconButton label="Reconcile now" icon={RotateCw} />
        <Menu trigger={<IconButton label="More" icon={Ellipsis} />}>
          <MenuItem icon={Pause} onSelect={() => {}}>
            Suspend
          </MenuItem>
          <MenuItem icon={RotateCw} onSelect={() => {}} shortcut={<Kbd>R</Kbd>}>
            Reconcile now
          </MenuItem>
          <MenuSeparator />
          <MenuItem icon={Trash2} danger onSelect={() => {}}>
            Remove from Git
          </MenuItem>
        </Menu>
      </div>
      <div className={styles.line}>
        <Button onClick={() => setOpen('dialog')}>Dialog</Button>
        <Button onClick={() => setOpen('confirm')}>Confirm dialog</Button>
        <Button onClick={() => drawer.show('md-0')}>Drawer</Button>
        <Button onClick={() => toast('agreed', 'shop is healthy at 3f2a91c.')}>Toast</Button>
      </div>
      <Dialog
        open={open === 'dialog'}
        onClose={() => setOpen(undefined)}
        title="Scale md-0 to 5 machines"
        lead="prod-eu · node group md-0 has 3 machines now."
        actions={
          <>
            <Button onClick={() => setOpen(undefined)}>Cancel</Button>
            <Button kind="primary">Commit to main</Button>
          </>
        }
      >
        <p>The engine makes two more machines as soon as it sees the commit.</p>
      </Dialog>
      <ConfirmDialog
        open={open === 'confirm'}
        onClose={() => setOpen(undefined)}
        onConfirm={() => setOpen(undefined)}
        title="Remove the application shop"
        confirm="Remove from Git"
        danger
        typed="shop"
        inGit="One commit to main removes 4 files from apps/shop. The engine then removes 12 objects from 2 clusters."
      >
        <p>Its volumes are kept. A revert of the commit brings everything else back.</p>
      </ConfirmDialog>
      {drawer.shown !== undefined && (
        <Drawer title={drawer.shown} mark={<StateBadge state="moving">3 of 5 ready</StateBadge>} onClose={drawer.close}>
          <Facts
            facts={[
              { name: 'Cluster', value: 'prod-eu' },
              { name: 'In Git', value: '5' },
              { name: 'Ready', value: '3' },
              { name: 'File', value: <code>clusters/prod-eu/eksa-cluster.yaml</code> },
            ]}
          />
        </Drawer>
      )}
      <Toasts />
    </div>
  )
}
