import { Failure } from '../failure.ts'
import type { Leaf, Scalar } from '../leaf.ts'
import type { Sheet } from './format.ts'
import { jsonSheet } from './json.ts'

/** A file of any content. Once sealed it is JSON with the content as the one value `data`. @throws Failure */
export function binarySheet(bytes: Buffer, sealed: boolean): Sheet {
  const sheet = sealed ? jsonSheet(bytes) : undefined
  const data = sheet?.leaves().find(({ path }) => path.length === 1 && path[0] === 'data')
  if (sheet !== undefined && data === undefined) {
    throw new Failure('E_SOPS_FORMAT', { expected: 'a field `data`', seen: 'none' })
  }
  let content: Scalar = data?.value ?? (isText(bytes) ? bytes.toString('utf8') : bytes)
  const leaf: Leaf = {
    path: ['data'],
    value: content,
    comment: false,
    set: value => {
      content = value
    },
  }
  return {
    metadata: sheet?.metadata,
    leaves: () => [leaf],
    plain: () => (Buffer.isBuffer(content) ? content : Buffer.from(String(content))),
    sealed: sops => Buffer.from(`${JSON.stringify({ data: String(content), sops }, undefined, '\t')}\n`),
  }
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString('utf8')).equals(bytes)
}
