import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Run } from './run-sluice.ts'

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/**
 * Runs the built command line in a shell in which no file may grow above so many blocks of 512 bytes: writes fail with
 * EFBIG in the middle, as they do with ENOSPC on a full disk, for Sluice and for the git that it runs.
 */
export function runLimited(blocks: number, args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const script = `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`
  const words = ['-c', script, 'sh', process.execPath, main, ...args]
  const options = {
    env: { PATH: process.env['PATH'] ?? '', HOME: '/nonexistent', NO_COLOR: '1', ...env },
    timeout: 60_000,
  }
  return new Promise(resolve => {
    const child = execFile('sh', words, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
    )
  })
}
