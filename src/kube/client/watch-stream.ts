import { StringDecoder } from 'node:string_decoder'
import { SluiceError } from '../../base/errors/index.ts'

/** Longest line of a watch stream, in UTF-16 units: an object of etcd is 1.5 MiB at most, and some stores hold more. */
const maxLine = 32 * 1024 * 1024

/** The lines of a byte stream, without their ends; empty lines are dropped. An unfinished last line is not given. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string[]> {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  for await (const chunk of chunks) {
    const text = rest + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    const end = text.lastIndexOf('\n')
    if (end < 0) {
      if (text.length > maxLine) {
        throw new SluiceError('E_KUBE_REJECTED', { object: 'a watch event', seen: `more than ${maxLine} characters` })
      }
      rest = text
      continue
    }
    rest = text.slice(end + 1)
    yield text
      .slice(0, end)
      .split('\n')
      .filter(line => line.trim() !== '')
  }
}
