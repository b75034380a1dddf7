import type { ConnectionView } from '../../../../src/server/contract/connections.ts'
import type { Job } from '../../../../src/server/contract/live.ts'
import { jobEnded } from '../../data/jobs.ts'
import { Facts } from '../../ui/section.tsx'
import { ExactTime, RelativeTime } from '../../ui/time.tsx'
import { JobChecks, ProofChecks } from './checks.tsx'
import styles from './gitops.module.css'
import { hostAddress, hostNames } from './hosts.ts'
import { LinkedWords } from './linked-words.tsx'
import { checkWords, ticks } from './tick.ts'
import { Verdict } from './verdict.tsx'

/** What the tick of a connection means: proven when, by which checks, and when it is looked at again. */
export function Overview({ connection, job }: { connection: ConnectionView; job: Job | undefined }) {
  const { kind, host, settings, proof, provenAt, nextProofAt, state, reason, changedAt, changedBy } = connection
  const at = { kind, host }
  const asking = job !== undefined && !jobEnded(job)
  return (
    <div className={styles.overview}>
      <Verdict state={ticks[state].state}>
        {state === 'proven' ? (
          <>Every check passed. Whatever is bound to this connection deploys by commit.</>
        ) : state === 'attention' ? (
          <>
            It still holds, and deploys go on; but <LinkedWords text={reason} {...at} />.
          </>
        ) : (
          <>
            Nothing deploys with this connection: <LinkedWords text={reason} {...at} />
          </>
        )}
      </Verdict>
      <div className={styles.split}>
        <div className={styles.checks}>
          <h3>{asking ? 'Checks, now' : 'Checks'}</h3>
          {asking ? (
            <JobChecks job={job} {...at} />
          ) : proof === undefined ? (
            <p className={styles.quiet}>It was saved without asking the host. Check it now to see what it says.</p>
          ) : (
            <ProofChecks proof={proof} {...at} />
          )}
        </div>
        <div className={styles.facts}>
          <h3>The tick</h3>
          <Facts
            facts={[
              {
                name: 'Proven',
                value: provenAt === undefined ? 'never' : <RelativeTime at={provenAt} />,
              },
              ...(proof === undefined
                ? []
                : [
                    { name: 'Last looked', value: <RelativeTime at={proof.at} /> },
                    { name: 'Found', value: checkWords(proof) },
                  ]),
              {
                name: 'Looks again',
                value: nextProofAt === undefined ? 'soon' : <RelativeTime at={nextProofAt} />,
              },
              ...(proof?.login === undefined || proof.login === '' ? [] : [{ name: 'Account', value: proof.login }]),
              {
                name: 'Token ends',
                value: proof?.expiresAt === undefined ? 'the host does not say' : <Ends at={proof.expiresAt} />,
              },
              { name: hostNames[kind], value: <code>{hostAddress(host) === undefined ? host : host}</code> },
              ...(kind === 'git' ? [] : [{ name: 'Owner', value: <code>{settings.owner}</code> }]),
              {
                name: 'Saved',
                value: (
                  <>
                    <RelativeTime at={changedAt} /> by {changedBy}
                    {proof?.insisted === true && ', without proof'}
                  </>
                ),
              },
            ]}
          />
        </div>
      </div>
    </div>
  )
}

function Ends({ at }: { at: string }) {
  return (
    <>
      <RelativeTime at={at} />{' '}
      <span className={styles.quiet}>
        (<ExactTime at={at} />)
      </span>
    </>
  )
}
