import type { ApplicationView } from '../../../../src/server/contract/applications.ts'
import { Revision } from '../../ui/revision.tsx'
import { SafeLink } from '../../ui/safe-link.tsx'
import { Facts } from '../../ui/section.tsx'
import { chartWords } from '../changes/value-changes.tsx'

/** What an application is, and where it stands. */
export function About({ app }: { app: ApplicationView }) {
  return (
    <Facts
      facts={[
        { name: 'Project', value: app.project },
        { name: 'Owners', value: app.owners.length === 0 ? 'none named' : app.owners.join(', ') },
        { name: 'Chart of the base', value: chartWords(app.chart) },
        {
          name: 'Repository',
          value:
            app.repository === undefined ? (
              "the fleet's"
            ) : (
              <>
                <SafeLink href={app.repository.url.replace(/\.git$/, '')}>{app.repository.title}</SafeLink>, branch{' '}
                <code>{app.repository.branch}</code>
              </>
            ),
        },
        { name: 'Folder in Git', value: <code>{app.folder}</code> },
        {
          name: 'Last change',
          value:
            app.lastChange === undefined ? (
              'not known'
            ) : (
              <Revision
                hash={app.lastChange.sha}
                message={app.lastChange.subject}
                author={app.lastChange.author.name}
                at={app.lastChange.date}
                {...(app.lastChange.url === undefined ? {} : { href: app.lastChange.url })}
              />
            ),
        },
        {
          name: 'Environments',
          value: app.deployments.map(d => `${d.title} (${d.namespace})`).join(', ') || 'none yet',
        },
      ]}
    />
  )
}
