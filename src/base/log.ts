/** A structured log line: an event name for people, fields for machines. Fields never hold secrets. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

export type LogFields = Readonly<Record<string, unknown>>

/** Drops everything: the default of library code. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} }

/** One JSON object a line to a stream, the format of every long-running process of Sluice. */
export function jsonLogger(
  write: (line: string) => void,
  level: keyof Logger = 'info',
  now: () => Date = () => new Date(),
): Logger {
  const order = ['debug', 'info', 'warn', 'error'] as const
  const from = order.indexOf(level)
  const at = (name: keyof Logger) => (message: string, fields?: LogFields) => {
    if (order.indexOf(name) < from) return
    write(`${JSON.stringify({ level: name, ts: now().toISOString(), msg: message, ...fields })}\n`)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
