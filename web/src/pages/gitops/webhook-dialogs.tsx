import type { UseMutationResult } from '@tanstack/react-query'
import type { MadeWebhook, WebhookPlan, WebhookView } from '../../../../src/server/contract/connections.ts'
import type { ApiError } from '../../data/api-error.ts'
import { resourceKey, useChange, useResource } from '../../data/resource.ts'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { ConfirmDialog, Dialog } from '../../ui/dialog.tsx'
import { ErrorPanel } from '../../ui/error-panel.tsx'
import { Facts } from '../../ui/section.tsx'
import { TextSkeleton } from '../../ui/skeleton.tsx'
import { toast } from '../../ui/toast.tsx'
import styles from './gitops.module.css'

const noCommit = 'Nothing changes in Git: a webhook is a setting of the repository at its host.'

interface Asked {
  readonly path: string
  readonly webhook: WebhookView
  readonly onClose: () => void
}

/** What adding it does at the host, asked of the host now; then the deed. */
export function AddWebhook({ path, webhook, onClose }: Asked) {
  const plan = useResource<WebhookPlan>(`${path}/registration`)
  const add = useChange<WebhookView>(() => ({ path: `${path}/registration`, method: 'PUT' }), {
    stale: [resourceKey(path), resourceKey(`${path}/registration`)],
    onDone: ({ registered }) => {
      onClose()
      toast('agreed', `The webhook is added to ${registered?.repository ?? 'the repository'}.`)
    },
  })
  const { data } = plan
  const repository = data?.repository ?? webhook.repository ?? 'the repository'
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      onConfirm={() => (data === undefined ? void plan.refetch() : add.mutate())}
      busy={add.isPending || (data === undefined && plan.isFetching)}
      title={`Add a webhook to ${repository}`}
      confirm={
        data === undefined && plan.error !== null
          ? 'Ask again'
          : data !== undefined && data.present > 0
            ? 'Replace webhook'
            : 'Add webhook'
      }
      inGit={noCommit}
    >
      {plan.error !== null && data === undefined ? (
        <ErrorPanel error={plan.error} />
      ) : data === undefined ? (
        <TextSkeleton lines={4} label="Asking the host" />
      ) : (
        <>
          <div className={styles.webhook}>
            <Facts
              facts={[
                { name: 'Repository', value: <code>{data.repository}</code> },
                { name: 'Address', value: <code>{data.address}</code> },
                { name: 'Event', value: <code>{data.events}</code> },
                {
                  name: 'Secret',
                  value: data.makesSecret ? 'a new one, for the host alone' : 'the one that is stored',
                },
              ]}
            />
          </div>
          <p>
            {data.present === 0
              ? 'The host has no webhook with this address.'
              : 'The host has a webhook with this address: the new one takes its place.'}
          </p>
        </>
      )}
      {add.error !== null && <ErrorPanel error={add.error} />}
    </ConfirmDialog>
  )
}

export function RemoveWebhook({ path, webhook, onClose }: Asked) {
  const remove = useChange<WebhookView>(() => ({ path: `${path}/registration`, method: 'DELETE' }), {
    stale: [resourceKey(path), resourceKey(`${path}/registration`)],
    onDone: () => {
      onClose()
      toast('agreed', 'The webhook is removed from the host.')
    },
  })
  const repository = webhook.repository ?? webhook.registered?.repository
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      onConfirm={() => remove.mutate()}
      busy={remove.isPending}
      title={`Remove the webhook from ${repository}`}
      confirm="Remove webhook"
      danger
      inGit={noCommit}
    >
      <p>
        Every webhook of <code>{repository}</code> with this address goes; others stay. Sluice then looks at the
        repository every 30 seconds.
      </p>
      {remove.error !== null && <ErrorPanel error={remove.error} />}
    </ConfirmDialog>
  )
}

/** Before a secret takes the place of another. */
export function MakeSecret({
  webhook,
  make,
  onClose,
}: {
  webhook: WebhookView
  make: UseMutationResult<MadeWebhook, ApiError, void>
  onClose: () => void
}) {
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      onConfirm={() => make.mutate()}
      busy={make.isPending}
      title="Make a new secret"
      confirm="Make a new secret"
      inGit={noCommit}
    >
      <p>
        The one before ends at once: deliveries are refused until the host has the new one.{' '}
        {webhook.registered === undefined
          ? 'It is shown once, for you to give it to the host.'
          : 'It is shown once; adding the webhook again gives it to the host as well.'}
      </p>
      {make.error !== null && <ErrorPanel error={make.error} />}
    </ConfirmDialog>
  )
}

export function SecretOnce({ made, onClose }: { made: MadeWebhook; onClose: () => void }) {
  return (
    <Dialog
      open
      onClose={onClose}
      title="The secret of the webhook"
      lead="Copy it now: it is shown this once, and nobody can read it again."
      insistent
      actions={
        <Button kind="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <div className={styles.secretOnce}>
        <code>{made.secret}</code>
        <Copy text={made.secret} what="the secret" />
      </div>
    </Dialog>
  )
}
