import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type InstalledFleet, installFleet, systemNamespace } from '../harness/installed-fleet.ts'
import { runSluice } from '../harness/run-sluice.ts'

let installed: InstalledFleet
beforeEach(async () => {
  installed = await installFleet()
})
afterEach(() => installed.close())

const faulty = (fault: string) =>
  runSluice(['uninstall', '--yes', ...installed.fixture.args], { env: { SLUICE_FAULT: fault } })

describe('sluice uninstall, killed', () => {
  it.each(['engine', 'finalizers', 'definitions', 'parts', 'namespace'])(
    'killed before and after the step %s, the next run ends the same',
    async step => {
      const before = await installed.clusters()
      expect((await faulty(`before:uninstall.${step}`)).signal).toBe('SIGKILL')
      const second = await faulty(`after:uninstall.${step}`)
      expect(second.signal ?? second.stderr).toBe('SIGKILL')
      const done = await installed.run('uninstall', '--yes')
      expect(done.code, done.stderr).toBe(0)
      expect([await installed.left(), await installed.find(systemNamespace), await installed.clusters()]).toEqual([
        [],
        undefined,
        before,
      ])
    },
  )
})
