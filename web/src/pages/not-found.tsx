import { Compass } from 'lucide-react'
import { useLocation } from 'wouter'
import { Page } from '../frame/page.tsx'
import { LinkButton } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Kbd } from '../ui/kbd.tsx'

/** An address that leads nowhere: what may have happened, and two ways on. */
export function NotFoundPage() {
  const [path] = useLocation()
  return (
    <Page title="No such page" crumbs={[{ title: 'No such page' }]}>
      <EmptyState
        icon={Compass}
        title="Nothing is at this address"
        action={<LinkButton to="/">Go to the start page</LinkButton>}
      >
        <p>
          <code>{path}</code> is no page of the console. What it led to may have been renamed or removed; Git still
          knows it.
        </p>
        <p>
          <Kbd>Ctrl K</Kbd> finds every object, revision and page by its name.
        </p>
      </EmptyState>
    </Page>
  )
}
