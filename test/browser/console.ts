import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ServerOptions } from '../../src/server/options.ts'
import { startTestServer, type TestPerson, type TestServer } from '../../src/server/testing/test-server.ts'
import { launchChromium } from './chromium.ts'
import { openTab, type Tab, type TabOptions } from './tab.ts'

export const webDir = fileURLToPath(new URL('../../dist/web', import.meta.url))

/** A real server with the built console, and a browser in front of it. */
export interface ConsoleUnderTest {
  readonly server: TestServer
  /** A tab, signed in as `person`; by default as the administrator, with null as nobody. */
  open(options?: Omit<TabOptions, 'url' | 'cookie'> & { readonly person?: TestPerson | null }): Promise<Tab>
  close(): Promise<void>
}

export async function startConsole(options: Partial<ServerOptions> = {}): Promise<ConsoleUnderTest> {
  if (!existsSync(`${webDir}/index.html`)) throw new Error('The console is not built: node scripts/build-web.mjs')
  const server = await startTestServer({ webDir, ...options })
  const browser = await launchChromium()
  return {
    server,
    open: ({ person = server.administrator, ...rest } = {}) => {
      const cookie = person?.headers['cookie']
      return openTab(browser, { url: server.url, ...(cookie === undefined ? {} : { cookie }), ...rest })
    },
    async close() {
      await browser.close()
      await server.close()
    },
  }
}
