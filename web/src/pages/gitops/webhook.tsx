import { ChevronRight, KeyRound, Webhook as WebhookIcon } from 'lucide-react'
import { useState } from 'react'
import type { ConnectionView, MadeWebhook, WebhookView } from '../../../../src/server/contract/connections.ts'
import { resourceKey, useChange, useResource } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Facts } from '../../ui/section.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import styles from './gitops.module.css'
import { hostNames } from './hosts.ts'
import { Verdict } from './verdict.tsx'
import { AddWebhook, MakeSecret, RemoveWebhook, SecretOnce } from './webhook-dialogs.tsx'
import { webhookVerdict } from './webhook-verdict.ts'

type Asked = 'add' | 'remove' | 'secret'

/** The push webhook of a connection: where the host sends deliveries, whether they came, and what it takes to get them. */
export function Webhook({ connection }: { connection: ConnectionView }) {
  const path = `/connections/${encodeURIComponent(connection.id)}/webhook`
  const { data: webhook, error, refetch } = useResource<WebhookView>(path, { topics: ['connections'] })
  const [asked, setAsked] = useState<Asked>()
  const [made, setMade] = useState<MadeWebhook>()
  const close = (): void => setAsked(undefined)
  const make = useChange<MadeWebhook>(() => ({ path }), {
    stale: [resourceKey(path)],
    onDone: answer => {
      close()
      setMade(answer)
    },
  })
  if (webhook === undefined)
    return error === null ? (
      <TextSkeleton lines={6} label="Loading the webhook" />
    ) : (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    )
  const { state, words } = webhookVerdict(webhook)
  const { canRegister, repository, registered, secret } = webhook
  const mend = registered?.outdated === true
  const makeSecret = (): void => (secret === undefined ? make.mutate() : setAsked('secret'))
  return (
    <div className={styles.overview}>
      <Verdict state={state}>{words}</Verdict>
      <div className={styles.split}>
        <div className={styles.webhook}>
          <h3>What the host is told</h3>
          <Facts facts={factsOf(webhook, connection)} />
        </div>
        <div className={styles.facts}>
          <h3>Deliveries</h3>
          <Facts facts={deliveriesOf(webhook)} />
        </div>
      </div>
      <div className={styles.buttons}>
        {canRegister && (
          <Button
            kind={registered === undefined || mend ? 'primary' : 'quiet'}
            icon={WebhookIcon}
            onClick={() => setAsked('add')}
          >
            {registered === undefined ? `Add to ${repository ?? 'the repository'}…` : 'Add again…'}
          </Button>
        )}
        <Button icon={KeyRound} busy={make.isPending && asked === undefined} onClick={makeSecret}>
          {secret === undefined ? 'Make the secret' : 'Make a new secret…'}
        </Button>
        {canRegister && registered !== undefined && (
          <Button kind="plain" onClick={() => setAsked('remove')}>
            Remove from the host…
          </Button>
        )}
      </div>
      {make.error !== null && asked === undefined && <ErrorPanel error={make.error} />}
      <details className={styles.folded} open={!canRegister}>
        <summary>
          <ChevronRight size={16} aria-hidden />
          <span className={styles.foldedTitle}>Add it by hand</span>
          <span className={styles.foldedSummary}>
            {canRegister ? 'where the token may not' : `${hostNames[connection.kind]} has no way for Sluice to add it`}
          </span>
        </summary>
        <div className={styles.inset}>
          {webhook.byHand.map(sentence => (
            <p key={sentence} className={styles.lead}>
              {sentence}
            </p>
          ))}
        </div>
      </details>
      {asked === 'add' && <AddWebhook path={path} webhook={webhook} onClose={close} />}
      {asked === 'remove' && <RemoveWebhook path={path} webhook={webhook} onClose={close} />}
      {asked === 'secret' && <MakeSecret webhook={webhook} make={make} onClose={close} />}
      {made !== undefined && (
        <SecretOnce
          made={made}
          onClose={() => {
            setMade(undefined)
            // Nothing of the page keeps it.
            make.reset()
          }}
        />
      )}
    </div>
  )
}

type FactList = Parameters<typeof Facts>[0]['facts']

function factsOf(webhook: WebhookView, { kind }: ConnectionView): FactList {
  const { address, events, secret, registered, local, plain } = webhook
  return [
    {
      name: 'Address',
      value: (
        <>
          <span className={styles.withCopy}>
            <code>{address}</code>
            <Copy text={address} what="the address" />
          </span>
          {local && <p className={styles.quiet}>Only programs on the machine of the server reach it.</p>}
          {plain && <p className={styles.quiet}>Without TLS: what the host sends can be read on its way.</p>}
        </>
      ),
    },
    ...(kind === 'git' ? [] : [{ name: 'Event', value: <code>{events}</code> }]),
    { name: 'Content type', value: <code>application/json</code> },
    {
      name: 'Secret',
      value:
        secret === undefined ? (
          'not made yet'
        ) : (
          <>
            stored, not shown
            {secret.madeAt !== undefined && (
              <span className={styles.quiet}>
                {' '}
                made <RelativeTime at={secret.madeAt} />
                {secret.madeBy !== undefined && ` by ${secret.madeBy}`}
              </span>
            )}
          </>
        ),
    },
    {
      name: 'At the host',
      value:
        registered === undefined ? (
          'not added by Sluice'
        ) : (
          <>
            <code>{registered.repository}</code>
            <span className={styles.quiet}>
              {' '}
              added <RelativeTime at={registered.at} /> by {registered.by}
              {registered.outdated && ', with the secret of before'}
            </span>
          </>
        ),
    },
  ]
}

function deliveriesOf({ verified, refused }: WebhookView): FactList {
  return [
    {
      name: 'Verified',
      value:
        verified === undefined ? (
          'none yet'
        ) : (
          <>
            <RelativeTime at={verified.at} /> <span className={styles.quiet}>{verified.event}</span>
          </>
        ),
    },
    {
      name: 'Refused',
      value:
        refused === undefined ? (
          'none'
        ) : (
          <>
            <RelativeTime at={refused.at} /> <span className={styles.quiet}>{refused.event}</span>
            <p>{refused.why}</p>
          </>
        ),
    },
  ]
}
