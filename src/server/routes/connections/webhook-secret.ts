import { randomToken } from '../../../access/random.ts'
import { Secret } from '../../../secrets/secret.ts'
import { putWebhook } from '../../../store/tables/connection-webhooks.ts'
import type { ServerContext } from '../../context.ts'

/** Makes a secret in the place of the one before. */
export async function newSecret(context: ServerContext, id: string, by: string): Promise<Secret> {
  const secret = Secret.of(randomToken())
  await context.store.transaction(async db => {
    await context.secrets.put(db, secretPlace(id), secret)
    await putWebhook(db, id, { made_at: context.clock.now().toISOString(), made_by: by })
  })
  return secret
}

/** Whether there is one, without opening it. */
export async function hasSecret({ secrets, store }: ServerContext, id: string): Promise<boolean> {
  return secrets.has(store.db, secretPlace(id))
}

/** The secret that there is. */
export async function secretOf(context: ServerContext, id: string): Promise<Secret | undefined> {
  const { secrets, store } = context
  return (await hasSecret(context, id)) ? secrets.open(store.db, secretPlace(id)) : undefined
}

function secretPlace(id: string): string {
  return `connection/${id}/webhook`
}
