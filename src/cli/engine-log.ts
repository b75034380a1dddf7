import { join } from 'node:path'
import { jsonLogger, type Logger } from '../base/log.ts'
import { LogFile } from '../base/log-file.ts'
import type { EngineEvent } from '../engine/index.ts'
import { redact } from '../secrets/secret.ts'
import type { CliIo } from './io.ts'
import { stderrLogger } from './process.ts'

/** Where an engine of a data folder writes its log. */
export function engineLogPath(dataDir: string): string {
  return join(dataDir, 'logs', 'engine.log')
}

/** What an engine logs: to standard error as the level says, and all of it, with its events, to the log of the data folder. */
export interface EngineLog {
  readonly logger: Logger
  /** Writes an event down as Flux's controllers log it. */
  event(event: EngineEvent): void
  close(): void
}

/** `tellEvents`: events go to standard error too, for a process that nobody looks at. */
export function openEngineLog(dataDir: string, io: CliIo, tellEvents = false): EngineLog {
  const file = new LogFile(engineLogPath(dataDir))
  const kept = jsonLogger(line => file.write(redact(line)), 'info')
  const told = stderrLogger(io)
  const both =
    (level: keyof Logger) =>
    (message: string, fields?: Readonly<Record<string, unknown>>): void => {
      told[level](message, fields)
      kept[level](message, fields)
    }
  return {
    logger: { debug: both('debug'), info: both('info'), warn: both('warn'), error: both('error') },
    event: ({ severity, about, reason, message, revision }) =>
      (tellEvents ? both(severity) : kept[severity])(message, {
        controller: about.kind.toLowerCase(),
        controllerKind: about.kind,
        name: about.name,
        namespace: about.namespace,
        reason,
        ...(revision === undefined ? {} : { revision }),
      }),
    close: () => file.close(),
  }
}
