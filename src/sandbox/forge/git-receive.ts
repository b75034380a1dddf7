import { once } from 'node:events'
import { access } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { accountLevel } from './access.ts'
import type { Account } from './accounts.ts'
import type { Caller } from './caller.ts'
import type { ForgeContext } from './context.ts'
import { answer, ended, gitProtocol, startService } from './git-service.ts'
import { judgePush } from './protection.ts'
import { type PushHead, readPushHead, zeroId } from './push-commands.ts'
import { PushReportReader, refusedPush } from './push-report.ts'
import { repositoryFolder, type StoredRepository, setHead, updateRepository } from './repositories.ts'

/** The commands of a push may take at most so many bytes. */
const maxHeadBytes = 1024 * 1024

/** The repository that a push is for. */
export interface PushTarget {
  readonly owner: Account
  readonly repository: StoredRepository
}

/**
 * Serves git-receive-pack: reads the commands, asks the branch rules, then streams the pack to git, which checks every
 * object and moves the refs. The listeners hear of the refs that moved before the client gets the end of the answer.
 */
export async function receivePack(
  context: ForgeContext,
  caller: Caller,
  target: PushTarget,
  body: Readable,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const read = await readHead(body)
  if (read === undefined) return answer(response, 400, 'This is not a push.')
  const { head, bytes } = read
  const isAdmin = accountLevel(context.store, caller, target.repository) === 'admin'
  const verdict = judgePush(context.store, target.repository, caller, isAdmin, head.commands)
  const type = { 'content-type': 'application/x-git-receive-pack-result', 'cache-control': 'no-cache' }
  if (verdict.refused.size > 0) {
    // The whole body is read first: git does not look at an answer that comes before it has sent everything.
    await drain(body, context.maxPushBytes)
    response.writeHead(200, type)
    response.end(
      refusedPush(head, verdict.words, ref =>
        verdict.refused.has(ref) ? 'protected branch hook declined' : 'pre-receive hook declined',
      ),
    )
    return
  }
  await context.gitSlots.run(async () => {
    const config: [string, string][] = [['receive.maxInputSize', String(context.maxPushBytes)]]
    if (verdict.denyRewrite) config.push(['receive.denyNonFastForwards', 'true'], ['receive.denyDeletes', 'true'])
    const child = startService(context, 'receive-pack', target.repository, gitProtocol(request), config)
    const report = new PushReportReader(head)
    child.stdin.write(bytes)
    body.pipe(child.stdin)
    response.writeHead(200, type)
    child.stdout.on('data', (chunk: Buffer) => report.push(chunk))
    child.stdout.pipe(response, { end: false })
    await ended(context, child, body, response, 'end input')
    await settle(context, caller, target, head, report.moved)
    response.end()
  })
}

/** Follows up on the refs that moved: the default branch of a first push, the time of the push, the listeners. */
async function settle(
  context: ForgeContext,
  caller: Caller,
  { owner, repository }: PushTarget,
  head: PushHead,
  moved: ReadonlySet<string>,
): Promise<void> {
  const commands = head.commands.filter(command => moved.has(command.ref))
  if (commands.length === 0) return
  const now = context.clock.now()
  const folder = repositoryFolder(context.dataDir, repository)
  const branches = commands.filter(({ ref, after }) => ref.startsWith('refs/heads/') && after !== zeroId)
  const first = branches[0]?.ref.slice('refs/heads/'.length)
  let defaultBranch = repository.defaultBranch
  const isFirstPush = repository.pushedAt === null && !branches.some(({ ref }) => ref === `refs/heads/${defaultBranch}`)
  if (isFirstPush && first !== undefined && !(await exists(join(folder, 'refs/heads', defaultBranch)))) {
    defaultBranch = first
    await setHead(folder, first)
  }
  updateRepository(context.store, repository.id, { pushedAt: now.toISOString(), defaultBranch }, now)
  const pusher = caller.kind === 'known' ? caller.user.login : 'nobody'
  for (const { ref, before, after } of commands) {
    context.logger.info('a push moved a ref', {
      repository: `${owner.login}/${repository.name}`,
      ref,
      before,
      after,
      pusher,
    })
    context.announce({ owner: owner.login, repo: repository.name, ref, before, after, pusher })
  }
}

async function readHead(body: Readable): Promise<{ head: PushHead; bytes: Buffer } | undefined> {
  let bytes: Buffer = Buffer.alloc(0)
  for (;;) {
    const chunk = body.read() as Buffer | null
    if (chunk !== null) {
      bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
      const head = readPushHead(bytes)
      if (head === 'broken') return undefined
      if (head !== 'partial') return { head, bytes }
      if (bytes.length > maxHeadBytes) return undefined
      continue
    }
    if (body.readableEnded || body.destroyed) return undefined
    await Promise.race([once(body, 'readable'), once(body, 'end'), once(body, 'close')])
  }
}

async function drain(body: Readable, limit: number): Promise<void> {
  let seen = 0
  for await (const chunk of body) {
    seen += (chunk as Buffer).length
    if (seen > limit) return
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
