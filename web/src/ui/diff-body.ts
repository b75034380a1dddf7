/**
 * The lines of a unified diff of one file without what stands before its first hunk. Only there are `---` and `+++` names of files:
 * later they are lines that go or come, such as a separator of YAML documents.
 */
export function diffBody(text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  const first = lines.findIndex(line => line.startsWith('@@'))
  const body =
    first >= 0
      ? lines.slice(first)
      : lines.filter(line => !/^(--- |\+\+\+ |diff |index |new file|deleted file)/.test(line))
  return body.filter(line => !line.startsWith('\\ No newline'))
}

export type DiffLineKind = 'added' | 'removed' | 'hunk' | 'same'

export function diffLineKind(line: string): DiffLineKind {
  if (line.startsWith('@@')) return 'hunk'
  if (line.startsWith('+')) return 'added'
  return line.startsWith('-') ? 'removed' : 'same'
}
