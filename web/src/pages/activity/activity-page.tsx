import { useSearchParams } from 'wouter'
import { useSession } from '../../data/session.tsx'
import { Page } from '../../frame/page.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { AuditLog } from './audit-log.tsx'
import { Health } from './health.tsx'
import { Latency } from './latency.tsx'

/** Who did what, how long commits take to be live, and whether everything that is needed for it works. */
export function ActivityPage() {
  const { grants } = useSession()
  const [params, setParams] = useSearchParams()
  const everywhere = grants.filter(one => one.project === '*' && one.environment === '*')
  const mayAudit = everywhere.some(one => one.role === 'administrator')
  const tabs = [
    ...(mayAudit ? [{ id: 'audit', title: 'Audit log', content: <AuditLog /> }] : []),
    { id: 'latency', title: 'Commit to live', content: <Latency fleet={everywhere.length > 0} /> },
    { id: 'health', title: 'Health', content: <Health server={everywhere.length > 0} /> },
  ]
  const wanted = params.get('view')
  const view = tabs.find(tab => tab.id === wanted)?.id ?? tabs[0]!.id
  return (
    <Page title="Activity" lead="Who did what, how long commits take to be live, and whether what they need works.">
      <Tabs label="Views" tabs={tabs} value={view} onChange={id => setParams({ view: id }, { replace: true })} />
    </Page>
  )
}
