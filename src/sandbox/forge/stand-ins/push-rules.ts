import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { StandInRepository } from './model.ts'

/**
 * Writes the hook that refuses pushes to the branches whose rules do not name the user, in the host's words; git runs it
 * before it moves anything. Names of branches and words are those of tests.
 */
export async function writePushRules(
  root: string,
  repository: StandInRepository,
  user: string,
  words: (branch: string) => string,
): Promise<void> {
  const path = join(root, repository.folder, 'hooks', 'pre-receive')
  const refused = [...repository.protections].filter(([, users]) => !users.includes(user)).map(([branch]) => branch)
  if (refused.length === 0) return rm(path, { force: true })
  const cases = refused.map(branch => `    refs/heads/${branch}) echo "${words(branch)}" >&2; bad=1 ;;`)
  const script = [
    '#!/bin/sh',
    'bad=0',
    'while read -r _ _ ref; do',
    '  case "$ref" in',
    ...cases,
    '  esac',
    'done',
    'exit $bad',
  ]
  await mkdir(join(root, repository.folder, 'hooks'), { recursive: true })
  await writeFile(path, `${script.join('\n')}\n`, { mode: 0o755 })
}
