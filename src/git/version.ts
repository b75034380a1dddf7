import { SluiceError } from '../base/errors/index.ts'
import { runGit } from './process.ts'

/** The oldest git that understands GIT_CONFIG_COUNT. */
export const minimumGitVersion = [2, 31] as const

/** The version of the git on this machine, `2.39.5`. Fails with E_GIT_NOT_INSTALLED or E_GIT_TOO_OLD. */
export async function checkGitVersion(signal?: AbortSignal): Promise<string> {
  const { stdout } = await runGit(['version'], { timeoutMs: 10_000, ...(signal && { signal }) })
  const text = stdout.toString('utf8').trim()
  const version = /(\d+)\.(\d+)(?:\.\d+)*/.exec(text)
  const [major, minor] = [Number(version?.[1] ?? 0), Number(version?.[2] ?? 0)]
  if (major < minimumGitVersion[0] || (major === minimumGitVersion[0] && minor < minimumGitVersion[1])) {
    throw new SluiceError('E_GIT_TOO_OLD', {
      expected: `git ${minimumGitVersion.join('.')} or newer`,
      seen: text.slice(0, 80),
    })
  }
  return version![0]
}
