import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { runGit } from '../../git/index.ts'
import { type Refusal, type Right, refusal } from './access.ts'
import { accountByLogin } from './accounts.ts'
import type { Caller } from './caller.ts'
import type { ForgeContext } from './context.ts'
import { receivePack } from './git-receive.ts'
import {
  answer,
  ended,
  type GitService,
  gitProtocol,
  serviceEnvironment,
  servingConfig,
  startService,
} from './git-service.ts'
import { flush, packet } from './pkt-line.ts'
import { repositoryByName, repositoryFolder, type StoredRepository } from './repositories.ts'

/** A Git request that was recognized by its path. */
export interface GitRequest {
  readonly owner: string
  readonly name: string
  readonly service: GitService
  /** Whether it asks for the refs and capabilities only. */
  readonly advertisement: boolean
}

/** Recognizes the paths of the smart HTTP protocol (gitprotocol-http(5)); `dumb` for the one that is not served. */
export function parseGitPath(method: string, url: URL): GitRequest | 'dumb' | undefined {
  const found = /^\/(.+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname)
  if (!found) return undefined
  const [, owner = '', name = '', what] = found
  if (what === 'info/refs') {
    const service = url.searchParams.get('service')
    if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return 'dumb'
    return { owner, name, service: service.slice(4) as GitService, advertisement: true }
  }
  return method === 'POST' ? { owner, name, service: what!.slice(4) as GitService, advertisement: false } : undefined
}

/** Serves one Git request, or says why not, in the words that git shows to the person. */
export async function serveGit(
  context: ForgeContext,
  caller: Caller,
  git: GitRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (caller.kind === 'refused') {
    return answer(
      response,
      401,
      'Invalid username or token. Password authentication is not supported for Git operations.',
    )
  }
  const owner = accountByLogin(context.store, git.owner)
  const repository = owner && repositoryByName(context.store, owner.id, git.name)
  const right: Right =
    git.service === 'upload-pack'
      ? { level: 'read', permission: 'contents', access: 'read' }
      : { level: 'write', permission: 'contents', access: 'write' }
  const refused = repository ? refusal(context.store, caller, repository, right) : ({ kind: 'hidden' } as const)
  if (!repository || refused) return answer(response, ...refusalAnswer(caller, git, refused ?? { kind: 'hidden' }))
  if (git.service === 'receive-pack' && repository.archived) {
    return answer(response, 403, 'This repository was archived so it is read-only.')
  }
  if (git.advertisement) return advertise(context, git, repository, request, response)
  const body = bodyOf(request)
  if (git.service === 'receive-pack')
    return receivePack(context, caller, { owner: owner!, repository }, body, request, response)
  return uploadPack(context, repository, body, request, response)
}

/** What git shows to the person, in GitHub's words. */
function refusalAnswer(caller: Caller, git: GitRequest, refused: Refusal): readonly [status: number, text: string] {
  // Without a login GitHub does not say whether a repository is hidden or missing: it asks for one.
  if (caller.kind !== 'known') return [401, 'Authentication required.']
  if (caller.token.api === 'gitlab') return gitLabAnswer(refused)
  if (refused.kind === 'hidden') return [404, 'Repository not found.']
  if (refused.kind === 'sso') {
    return [
      403,
      `The '${refused.organization}' organization has enabled or enforced SAML SSO. To access this repository, you must re-authorize your personal access token for this organization.`,
    ]
  }
  if (refused.kind === 'token') return [403, 'Write access to repository not granted.']
  return [403, `Permission to ${git.owner}/${git.name}.git denied to ${caller.user.login}.`]
}

/** The same in GitLab's words. */
function gitLabAnswer(refused: Refusal): readonly [status: number, text: string] {
  if (refused.kind === 'hidden') {
    return [404, "The project you were looking for could not be found or you don't have permission to view it."]
  }
  if (refused.kind === 'token') return [403, 'Your access token lacks the scope for this operation.']
  return [403, 'You are not allowed to push code to this project.']
}

async function advertise(
  context: ForgeContext,
  git: GitRequest,
  repository: StoredRepository,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const protocol = gitProtocol(request)
  const body = await context.gitSlots.run(() => {
    const isV2 = git.service === 'upload-pack' && protocol === 'version=2'
    return isV2 ? capabilities(context, repository) : runAdvertisement(context, git.service, repository, protocol)
  })
  response.writeHead(200, {
    'content-type': `application/x-git-${git.service}-advertisement`,
    'cache-control': 'no-cache, max-age=0, must-revalidate',
  })
  response.end(body)
}

/** In protocol 2 the advertisement names capabilities of this git only, nothing of the repository: asked once. */
const knownCapabilities = new WeakMap<ForgeContext, Promise<Buffer>>()

function capabilities(context: ForgeContext, repository: StoredRepository): Promise<Buffer> {
  let known = knownCapabilities.get(context)
  if (!known) {
    known = runAdvertisement(context, 'upload-pack', repository, 'version=2')
    knownCapabilities.set(context, known)
    known.catch(() => knownCapabilities.delete(context))
  }
  return known
}

async function runAdvertisement(
  context: ForgeContext,
  service: GitService,
  repository: StoredRepository,
  protocol: string | undefined,
): Promise<Buffer> {
  const gitDir = repositoryFolder(context.dataDir, repository)
  const result = await runGit([service, '--stateless-rpc', '--advertise-refs', gitDir], {
    config: servingConfig,
    env: serviceEnvironment(gitDir, protocol),
    timeoutMs: 30_000,
  })
  if (result.exitCode !== 0) throw new Error(`git ${service} failed: ${result.stderr}`)
  return protocol === 'version=2' && service === 'upload-pack'
    ? Buffer.concat([packet('# service=git-upload-pack\n'), flush, result.stdout])
    : Buffer.concat([packet(`# service=git-${service}\n`), flush, result.stdout])
}

async function uploadPack(
  context: ForgeContext,
  repository: StoredRepository,
  body: Readable,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await context.gitSlots.run(async () => {
    const child = startService(context, 'upload-pack', repository, gitProtocol(request))
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result', 'cache-control': 'no-cache' })
    body.pipe(child.stdin)
    child.stdout.pipe(response, { end: false })
    await ended(context, child, body, response, 'kill')
    response.end()
  })
}

/** The body of a request, unpacked: git packs requests that are long. */
function bodyOf(request: IncomingMessage): Readable {
  if (request.headers['content-encoding'] !== 'gzip') return request
  const gunzip = createGunzip()
  request.on('error', error => gunzip.destroy(error))
  request.on('aborted', () => gunzip.destroy(new Error('the client went away')))
  return request.pipe(gunzip)
}
