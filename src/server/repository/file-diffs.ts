import type { FileTree } from '../../base/file-tree.ts'
import { unifiedDiff } from '../../base/text-diff.ts'
import type { FileChange } from '../../git/index.ts'
import { redact } from '../../secrets/secret.ts'
import type { FileDiff } from '../contract/repository.ts'

/** A page shows no more of one file. */
const mostOfOne = 64 * 1024
const mostOfAll = 1024 * 1024
const maxText = 512 * 1024

/** What changes would do to the files of a tree, for a page; those that change nothing are left out. */
export async function fileDiffs(tree: FileTree, changes: readonly FileChange[]): Promise<FileDiff[]> {
  const out: FileDiff[] = []
  let total = 0
  for (const { path, content } of [...changes].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const before = await tree.read(path)
    const after = content === undefined ? undefined : Buffer.from(content)
    if (before === undefined ? after === undefined : after !== undefined && before.equals(after)) continue
    const whole = isText(before) && isText(after) ? redact(unifiedDiff(path, text(before), text(after))) : ''
    const diff = total > mostOfAll ? '' : whole.slice(0, mostOfOne)
    total += diff.length
    out.push({
      path,
      change: before === undefined ? 'add' : after === undefined ? 'remove' : 'change',
      diff,
      added: lines(whole, '+'),
      removed: lines(whole, '-'),
      truncated: diff.length < whole.length,
    })
  }
  return out
}

function isText(bytes: Buffer | undefined): boolean {
  return bytes === undefined || (bytes.length <= maxText && !bytes.subarray(0, 8000).includes(0))
}

function text(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString('utf8')
}

/** Lines that begin so, without the head of the diff. */
function lines(diff: string, sign: '+' | '-'): number {
  return diff.split('\n').filter(line => line.startsWith(sign) && !line.startsWith(sign.repeat(3))).length
}
