import { createHmac, randomUUID } from 'node:crypto'
import { Agent, request } from 'undici'
import { backoffDelay } from '../../base/backoff.ts'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/log.ts'
import { Semaphore } from '../../base/semaphore.ts'
import { isLoopback } from '../../git/index.ts'
import { accountByLogin } from './accounts.ts'
import type { PushEvent } from './context.ts'
import { type Hook, hookById, hooksOf, insertDelivery } from './hooks.ts'
import { zeroId } from './push-commands.ts'
import { repositoryByName, type StoredRepository } from './repositories.ts'
import type { Store } from './store.ts'

/** What the sender works with. */
export interface HookSenderParts {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly url: string
}

/** Tries of one delivery; GitHub has one, but a receiver on this machine may just be starting. */
const maxTries = 3
const timeoutMs = 10_000

/** Sends webhooks, to this machine only: the sandbox talks to nobody else. */
export class HookSender {
  readonly #parts: HookSenderParts
  readonly #agent = new Agent({ connections: 4, bodyTimeout: timeoutMs, headersTimeout: timeoutMs })
  readonly #slots = new Semaphore(8)
  readonly #stop = new AbortController()
  readonly #running = new Set<Promise<void>>()

  constructor(parts: HookSenderParts) {
    this.#parts = parts
  }

  /** Sends a `push` event to the hooks of a repository that want it. */
  push(event: PushEvent): void {
    const { store, url } = this.#parts
    const owner = accountByLogin(store, event.owner)
    const repository = owner && repositoryByName(store, owner.id, event.repo)
    if (!repository) return
    const fullName = `${event.owner}/${event.repo}`
    this.#send(repository, 'push', {
      ref: event.ref,
      before: event.before,
      after: event.after,
      created: event.before === zeroId,
      deleted: event.after === zeroId,
      compare: `${url}/${fullName}/compare/${event.before.slice(0, 12)}...${event.after.slice(0, 12)}`,
      head_commit: event.after === zeroId ? null : { id: event.after },
      pusher: { name: event.pusher },
      sender: { login: event.pusher },
      repository: this.#repositoryPart(repository, event.owner),
    })
  }

  /** Sends `ping` to one hook, as GitHub does when a hook is made. */
  ping(hook: Hook, repository: StoredRepository, owner: string): void {
    this.#deliver(hook, 'ping', {
      zen: 'Keep it logically awesome.',
      hook_id: hook.id,
      repository: this.#repositoryPart(repository, owner),
    })
  }

  /** Gives up what is not delivered and resolves when nothing runs any more. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the forge closes'))
    await Promise.all(this.#running)
    await this.#agent.destroy()
  }

  #repositoryPart(repository: StoredRepository, owner: string): Record<string, unknown> {
    const { url } = this.#parts
    const fullName = `${owner}/${repository.name}`
    return {
      id: repository.id,
      name: repository.name,
      full_name: fullName,
      private: repository.private,
      default_branch: repository.defaultBranch,
      clone_url: `${url}/${fullName}.git`,
      html_url: `${url}/${fullName}`,
      owner: { login: owner, name: owner },
    }
  }

  #send(repository: StoredRepository, event: string, payload: unknown): void {
    for (const hook of hooksOf(this.#parts.store, repository.id)) {
      if (hook.active && (hook.events.includes(event) || hook.events.includes('*'))) this.#deliver(hook, event, payload)
    }
  }

  #deliver(hook: Hook, event: string, payload: unknown): void {
    const work = this.#slots
      .run(() => this.#tryAll(hook, event, JSON.stringify(payload)), this.#stop.signal)
      .catch(() => {})
      .then(() => void this.#running.delete(work))
    this.#running.add(work)
  }

  async #tryAll(hook: Hook, event: string, json: string): Promise<void> {
    const { store, clock, logger } = this.#parts
    const guid = randomUUID()
    for (let tries = 1; tries <= maxTries; tries++) {
      const start = clock.monotonic()
      const { code, status } = await this.#tryOnce(hook, event, guid, json)
      this.#stop.signal.throwIfAborted()
      if (!hookById(store, hook.repository, hook.id)) return
      insertDelivery(store, hook.id, {
        guid,
        event,
        status,
        statusCode: code,
        duration: (clock.monotonic() - start) / 1000,
        redelivery: tries > 1,
        deliveredAt: clock.now().toISOString(),
      })
      if (code >= 200 && code < 300) return
      logger.warn('a webhook was not delivered', { hook: hook.id, event, status, tries })
      // What the receiver refused it will refuse again.
      if (code >= 400 && code < 500 && code !== 429) return
      if (tries < maxTries) await clock.sleep(backoffDelay(tries, { baseMs: 250, maxMs: 5000 }), this.#stop.signal)
    }
  }

  async #tryOnce(hook: Hook, event: string, guid: string, json: string): Promise<{ code: number; status: string }> {
    const url = new URL(hook.url)
    if (!isLoopback(url.hostname)) return { code: 0, status: 'refused: the sandbox sends to this machine only' }
    const isJson = hook.contentType === 'json'
    const body = isJson ? json : new URLSearchParams({ payload: json }).toString()
    const signed = hook.secret === null ? {} : signatures(hook.secret, body)
    try {
      const answer = await request(url, {
        dispatcher: this.#agent,
        method: 'POST',
        headers: {
          'content-type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
          'user-agent': 'GitHub-Hookshot/sluice',
          accept: '*/*',
          'x-github-event': event,
          'x-github-delivery': guid,
          'x-github-hook-id': String(hook.id),
          ...signed,
        },
        body,
        signal: this.#stop.signal,
      })
      await answer.body.dump()
      return { code: answer.statusCode, status: answer.statusCode < 400 ? 'OK' : `status ${answer.statusCode}` }
    } catch (error) {
      return { code: 0, status: (error as NodeJS.ErrnoException).code ?? 'failed' }
    }
  }
}

function signatures(secret: string, body: string): Record<string, string> {
  const sign = (algorithm: string) => createHmac(algorithm, secret).update(body).digest('hex')
  return { 'x-hub-signature': `sha1=${sign('sha1')}`, 'x-hub-signature-256': `sha256=${sign('sha256')}` }
}
