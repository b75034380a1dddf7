import { Pair, PairCard } from '../ui/pair.tsx'
import { Revision } from '../ui/revision.tsx'
import { SafeLink } from '../ui/safe-link.tsx'
import { StateBadge, stateOrder } from '../ui/state.tsx'
import { Age, RelativeTime } from '../ui/time.tsx'
import styles from './gallery.module.css'

const hash = '3f2a91c07be4d1a6a9e0b7c52d8f4e61b3a90c7d'
const ago = (seconds: number): string => new Date(Date.now() - seconds * 1000).toISOString()

export function States() {
  return (
    <div className={styles.stack}>
      <div className={styles.line}>
        {stateOrder.map(state => (
          <StateBadge key={state} state={state} />
        ))}
      </div>
      <div className={styles.line}>
        {stateOrder.map(state => (
          <StateBadge key={state} state={state} soft />
        ))}
      </div>
      <div className={styles.line}>
        <Pair git="5" cluster="5" agrees />
        <Pair git="5" cluster="3" agrees={false} />
        <Pair git="3f2a91c" cluster="b19e02d" agrees={false} mono />
        <Pair git="v1.31" cluster={undefined} agrees={false} />
        <RelativeTime at={ago(3)} />
        <RelativeTime at={ago(250)} />
        <RelativeTime at={ago(86400 * 61)} />
        <Age since={ago(7400)} />
        <SafeLink href="https://github.com/acme-platform/fleet">acme-platform/fleet</SafeLink>
        <SafeLink href="ftp://files.example.com">no link at all</SafeLink>
      </div>
      <div className={styles.columns}>
        <PairCard
          git="5 machines"
          cluster="3 machines"
          agrees={false}
          cause="Two machines are starting: the commit came 40 s ago, and the first is at “joining the cluster”."
        />
        <PairCard git="registry.acme.dev/shop:2.4.1" cluster="registry.acme.dev/shop:2.4.1" agrees mono />
      </div>
      <Revision
        hash={hash}
        message="Scale md-0 of prod-eu to 5"
        author="Ana Ruiz"
        at={ago(250)}
        href="https://github.com/acme/fleet"
      />
      <Revision
        hash={hash}
        message="Take shop to 2.4.1 in production, with the larger cache and the probes that the incident of last week asked for"
        author="deploy-bot"
        at={ago(250)}
        to="/revisions/3f2a91c"
        compact
      />
    </div>
  )
}
