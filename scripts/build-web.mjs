// Builds the console into dist/web. Vite is loaded from here and not by its command, so that the setup needs no shell.
import { rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

rmSync(new URL('../dist/.web-setup', import.meta.url), { force: true })
await build({
  configFile: fileURLToPath(new URL('../web/vite.config.ts', import.meta.url)),
  logLevel: process.argv.includes('--sizes') ? 'info' : 'warn',
})
