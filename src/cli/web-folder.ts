import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the built console: `dist/web`, wherever the bundle was put. */
export function webFolder(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    if (existsSync(join(at, 'package.json'))) return join(at, 'dist', 'web')
    if (at === dirname(at)) return join(at, 'dist', 'web')
  }
}
