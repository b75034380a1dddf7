import { addAbortListener } from 'node:events'
import type { Dispatcher } from 'undici'

/** An answer that was read to its end. */
export interface Exchanged {
  readonly statusCode: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly text: string
}

/** What goes out, and what can end it early. */
export interface ExchangeOptions extends Dispatcher.DispatchOptions {
  readonly signal: AbortSignal
  /** Called right before the request is written to a connection; may throw. */
  readonly allowed?: (() => void) | undefined
}

/**
 * One request and its whole answer as a text. Undici's `request` gives a stream, which costs more processor time than the
 * rest of a small call; most answers of an API server are small. Rejects with the errors that undici has.
 */
export function exchange(dispatcher: Dispatcher, { signal, allowed, ...options }: ExchangeOptions): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined
    let statusCode = 0
    let headers: Exchanged['headers'] = {}
    const chunks: Buffer[] = []
    if (signal.aborted) return reject(signal.reason)
    const listening = addAbortListener(signal, () => {
      // While it still waits for a connection there is nothing to abort: onRequestStart does it then.
      controller?.abort(signal.reason)
      reject(signal.reason)
    })
    const end = (): void => listening[Symbol.dispose]()
    dispatcher.dispatch(options, {
      onRequestStart(started) {
        controller = started
        try {
          signal.throwIfAborted()
          allowed?.()
        } catch (error) {
          started.abort(error as Error)
        }
      },
      onResponseStart(_controller, code, received) {
        statusCode = code
        headers = received
      },
      onResponseData(_controller, chunk) {
        chunks.push(chunk)
      },
      onResponseEnd() {
        end()
        resolve({ statusCode, headers, text: textOf(chunks) })
      },
      onResponseError(_controller, error) {
        end()
        reject(error)
      },
    })
  })
}

/** UTF-8, without the mark that some put before it. */
function textOf(chunks: readonly Buffer[]): string {
  const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
    ? bytes.toString('utf8', 3)
    : bytes.toString('utf8')
}
