import { isObjectId, isRefName, type Repository } from '../../../git/index.ts'

/** The commit that a person means: a branch, a tag, a full ref name or a commit id. */
export async function findCommit(repository: Repository, name: string): Promise<string | undefined> {
  for (const ref of [`refs/heads/${name}`, `refs/tags/${name}`, name, `refs/${name}`]) {
    const found = isRefName(ref) || isObjectId(ref) ? await repository.resolve(ref) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
