// Preloaded into a command under test: ends the process with SIGKILL before the nth change of a file.
import { createRequire, syncBuiltinESMExports } from 'node:module'

const files = createRequire(import.meta.url)('node:fs/promises')
let left = Number(process.env.KILL_AT)
for (const name of ['open', 'rename', 'rm', 'chmod', 'mkdir']) {
  const real = files[name]
  files[name] = (...args) => {
    const writes = name !== 'open' || (typeof args[1] === 'string' && args[1] !== 'r')
    if (writes && left-- === 0) process.kill(process.pid, 'SIGKILL')
    return real(...args)
  }
}
syncBuiltinESMExports()
