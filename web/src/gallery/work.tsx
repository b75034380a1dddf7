import { ApiError } from '../data/api-error.ts'
import { Checklist } from '../ui/checklist.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Revision } from '../ui/revision.tsx'
import { SafeLink } from '../ui/safe-link.tsx'
import { TextSkeleton } from '../ui/skeleton.tsx'
import { Timeline } from '../ui/timeline.tsx'
import styles from './gallery.module.css'

const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString()

export function Work() {
  return (
    <div className={styles.columns}>
      <Checklist
        label="Checks of the connection"
        steps={[
          { id: '1', title: 'Token shape matches github.com', state: 'done', ms: 2 },
          { id: '2', title: 'Token belongs to octo-bot', state: 'done', ms: 181 },
          {
            id: '3',
            title: 'Token expires in 6 days',
            state: 'warned',
            ms: 0,
            detail: 'Make a new one before 27 November.',
          },
          {
            id: '4',
            title: 'Organization acme-platform can be reached',
            state: 'failed',
            ms: 164,
            detail: 'The organization requires SSO, and this token is not authorized.',
            said: 'Resource protected by organization SAML enforcement. You must grant your OAuth token access to this organization.',
            who: 'GitHub',
            next: (
              <>
                <SafeLink href="https://github.com/orgs/acme-platform/sso">Authorize it here</SafeLink>, then validate
                again.
              </>
            ),
          },
          { id: '5', title: 'May create repositories', state: 'not-run' },
          { id: '6', title: 'Commit, push, read back, remove (probe)', state: 'running' },
          { id: '7', title: 'Branch protection', state: 'waiting' },
        ]}
      />
      <Timeline
        label="Release 2.4.1"
        stages={[
          {
            id: 'committed',
            title: 'Committed',
            state: 'done',
            at: ago(95),
            detail: <Revision hash="3f2a91c07be4" message="Take shop to 2.4.1" author="Ana Ruiz" compact />,
          },
          { id: 'fetched', title: 'Fetched', state: 'done', at: ago(94), ms: 640, detail: 'prod-eu, prod-us' },
          { id: 'rendered', title: 'Rendered', state: 'done', at: ago(94), ms: 38, detail: '14 objects, 2 changed' },
          { id: 'applied', title: 'Applied', state: 'running', at: ago(93), ms: 210 },
          {
            id: 'healthy',
            title: 'Healthy',
            state: 'failed',
            cause: (
              <>
                Pod <code>shop-7d9f-x2x</code>: image <code>registry.acme.dev/shop:2.4.1</code> cannot be pulled:
                manifest unknown.
              </>
            ),
          },
        ]}
      />
      <ErrorPanel
        error={
          new ApiError(409, {
            code: 'E_GIT_CONFLICT',
            message: 'Somebody else changed this file while you edited it.',
            object: 'clusters/prod-eu/eksa-cluster.yaml',
            expected: 'revision 3f2a91c',
            seen: 'revision b19e02d by Ben Okri, 20 s ago',
            next: 'Look at the difference, then commit on top of it.',
          })
        }
        onRetry={() => {}}
      />
      <TextSkeleton lines={4} />
    </div>
  )
}
