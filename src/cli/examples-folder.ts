import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the example specs: beside the code, wherever the bundle was put. */
export function examplesFolder(): string {
  for (let at = dirname(fileURLToPath(import.meta.url)); ; at = dirname(at)) {
    const folder = join(at, 'examples', 'eks-anywhere')
    if (existsSync(folder)) return folder
    if (at === dirname(at)) return folder
  }
}
