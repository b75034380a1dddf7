import type { ForgeInfo } from '../../../../src/server/contract/connections.ts'
import styles from './gitops.module.css'
import { CodeWords } from './linked-words.tsx'

/** What a token needs on exactly this kind of host, least first. */
export function TokenNeeds({ forge }: { forge: ForgeInfo }) {
  return (
    <div className={styles.needs}>
      <h3>What the token needs</h3>
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
      <ul>
        {forge.notes.map(note => (
          <li key={note}>
            <CodeWords text={note} />
          </li>
        ))}
      </ul>
    </div>
  )
}
