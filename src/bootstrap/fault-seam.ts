import type { EffectSeam } from './types.ts'

/**
 * For tests of resuming: `SLUICE_FAULT=before:repository.create` ends the process with SIGKILL before the effect, `after:`
 * when it has happened but nothing more has. `before:files.push=SIGINT` is a Ctrl-C at that moment instead. Without the
 * variable there is no seam.
 */
export function faultSeam(env: Readonly<Record<string, string | undefined>>): { effect?: EffectSeam } {
  const [, when, name, signal = 'SIGKILL'] =
    /^(before|after):([\w.]+)(?:=(SIGINT|SIGTERM|SIGKILL))?$/.exec(env['SLUICE_FAULT'] ?? '') ?? []
  if (when === undefined) return {}
  const strike = async () => {
    process.kill(process.pid, signal)
    // The signal is heard in a later turn of the loop.
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  return {
    effect: async (effect, work) => {
      if (effect === name && when === 'before') await strike()
      const result = await work()
      if (effect === name && when === 'after') await strike()
      return result
    },
  }
}
