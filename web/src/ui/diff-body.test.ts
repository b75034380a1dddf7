import { describe, expect, it } from 'vitest'
import { diffBody, diffLineKind } from './diff-body.ts'

describe('the body of a diff', () => {
  it('leaves out the names of the files, and no line that goes or comes', () => {
    const text = `diff --git a/x b/x
index 123..456 100644
--- a/x
+++ b/x
@@ -1,4 +1,4 @@
 kind: A
----
+++x
-- dashes
+plus
\\ No newline at end of file
`
    expect(diffBody(text)).toEqual(['@@ -1,4 +1,4 @@', ' kind: A', '----', '+++x', '-- dashes', '+plus'])
    expect(diffBody(text).map(diffLineKind)).toEqual(['hunk', 'same', 'removed', 'added', 'removed', 'added'])
  })

  it('takes lines without a hunk as they are', () => {
    expect(diffBody('--- a\n+++ b\n+one\n')).toEqual(['+one'])
  })
})
