import { hasPermission } from '../access.ts'
import type { Account } from '../accounts.ts'
import { writeReadme } from '../readme.ts'
import { insertRepository, isRepositoryName, repositoryFolder } from '../repositories.ts'
import { flagField, invalid, noPermission, notFound, type RestAnswer, type RestRequest, textField } from './answer.ts'
import { needLogin } from './guard.ts'
import { repositoryView } from './views.ts'

/** Makes a repository for an owner that the caller may make repositories for. */
export async function createFor(request: RestRequest, owner: Account): Promise<RestAnswer> {
  const { context, body } = request
  const caller = needLogin(request)
  const visibility = textField(body, 'visibility')
  const isPrivate = flagField(body, 'private') ?? visibility === 'private'
  const { token } = caller
  if (token.kind === 'classic') {
    const has = token.scopes.includes('repo') || (!isPrivate && token.scopes.includes('public_repo'))
    if (!has) throw notFound()
  } else {
    const covers = token.resourceOwner === owner.id && token.repositories === undefined
    if (!covers || !hasPermission(token.permissions, 'administration', 'write')) throw noPermission()
  }
  const asked = textField(body, 'name')
  if (asked === undefined || asked.trim() === '') {
    throw invalid({ resource: 'Repository', field: 'name', code: 'missing_field' })
  }
  // As on GitHub, what cannot stand in a name becomes a hyphen.
  const name = asked
    .trim()
    .replace(/\.git$/i, '')
    .replace(/[^\w.-]+/g, '-')
  if (!isRepositoryName(name)) {
    throw invalid(
      { resource: 'Repository', field: 'name', code: 'custom', message: 'name is invalid' },
      'Repository creation failed.',
    )
  }
  const made = await insertRepository(
    context.store,
    context.dataDir,
    {
      owner: owner.id,
      name,
      description: textField(body, 'description') ?? null,
      private: isPrivate,
      defaultBranch: 'main',
    },
    context.clock.now(),
  )
  if (!made) {
    throw invalid(
      { resource: 'Repository', field: 'name', code: 'custom', message: 'name already exists on this account' },
      'Repository creation failed.',
    )
  }
  if (flagField(body, 'auto_init')) {
    await writeReadme(repositoryFolder(context.dataDir, made), made, caller.user, context.clock.now())
  }
  const view = repositoryView(context, caller, made)
  return { status: 201, body: view, headers: { location: String(view['url']) } }
}
