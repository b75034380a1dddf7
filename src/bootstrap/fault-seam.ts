import type { EffectSeam } from './types.ts'

/**
 * For tests of resuming: `SLUICE_FAULT=before:repository.create` ends the process with SIGKILL before the effect, `after:`
 * when it has happened but nothing more has. Without the variable there is no seam.
 */
export function faultSeam(env: Readonly<Record<string, string | undefined>>): { effect?: EffectSeam } {
  const [, when, name] = /^(before|after):([\w.]+)$/.exec(env['SLUICE_FAULT'] ?? '') ?? []
  if (when === undefined) return {}
  const die = () => process.kill(process.pid, 'SIGKILL')
  return {
    effect: async (effect, work) => {
      if (effect === name && when === 'before') die()
      const result = await work()
      if (effect === name && when === 'after') die()
      return result
    },
  }
}
