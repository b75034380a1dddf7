import type { ForgeInfo } from '../../../../src/server/contract/connections.ts'
import { SafeLink } from '../../ui/safe-link.tsx'
import styles from './gitops.module.css'
import { hostNames, tokenPageOf } from './hosts.ts'
import { CodeWords } from './linked-words.tsx'

/** What a token needs on exactly this kind of host, least first, and where one is made. */
export function TokenNeeds({ forge, host }: { forge: ForgeInfo; host: string }) {
  const page = tokenPageOf(forge.tokenPage, host)
  return (
    <aside className={styles.needs} aria-label={`What a token of ${hostNames[forge.kind]} needs`}>
      <h3>What it needs</h3>
      <dl>
        {forge.needs.map(need => (
          <div key={need.use}>
            <dt>To {need.use}</dt>
            <dd>
              <CodeWords text={need.rights} />
            </dd>
            <dd className={styles.role}>
              account: <CodeWords text={need.role} />
            </dd>
          </div>
        ))}
      </dl>
      {page !== undefined && (
        <p>
          <SafeLink href={page}>Make a token with these rights</SafeLink>
        </p>
      )}
      <ul>
        {forge.notes.map(note => (
          <li key={note}>
            <CodeWords text={note} />
          </li>
        ))}
      </ul>
    </aside>
  )
}
