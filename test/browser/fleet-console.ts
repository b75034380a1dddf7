import type { LocalSystem } from '../../src/local/start-local.ts'
import type { ServerOptions } from '../../src/server/options.ts'
import { acting, type ConnectedServer, connect, startExampleSystem } from '../../src/server/testing/connected-server.ts'
import { type ConsoleUnderTest, startConsole } from './console.ts'

export { helmPath } from '../../src/server/testing/connected-server.ts'

/** A console before a sandbox with everything: forge, cluster, engine, a proven connection, two environments. */
export interface FleetConsole extends ConsoleUnderTest, Pick<ConnectedServer, 'call' | 'ended' | 'change'> {
  readonly system: LocalSystem
  /** Saves the connection to the sandbox's forge, proven. */
  connect(): Promise<void>
}

export async function startFleetConsole(options: Partial<ServerOptions> = {}): Promise<FleetConsole> {
  const example = await startExampleSystem()
  const { system } = example
  const ui = await startConsole({ ...options, client: system.client })
  const person = acting(ui.server)
  return {
    ...ui,
    ...person,
    system,
    async connect() {
      await connect(person, system)
      for (const [at, name] of ['staging', 'production'].entries()) {
        const title = name === 'staging' ? 'Staging' : 'Production'
        await person.change('/environments', { kind: 'write', name, spec: { title, order: at + 1 }, create: true })
      }
    },
    async close() {
      await ui.close()
      await example.close()
    },
  }
}
