import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CheckLine } from '../../../src/forges/index.ts'
import { states } from './states.ts'
import { startWorld, type World } from './world.ts'

let world: World
const report: string[] = []

beforeAll(async () => {
  world = await startWorld()
})

afterAll(() => world.close())

/** Requests that write: everything but reads of an API and git's own. */
function writes(): string[] {
  const { recorder, gitea, bitbucket, server, azure } = world
  const seen = recorder.exchanges.map(({ method, path }) => `${method} ${path}`)
  const reads = /^(?:GET|HEAD) |\/git-upload-pack$/
  return [...seen.filter(line => !reads.test(line)), ...[gitea, bitbucket, server, azure].flatMap(host => host.writes)]
}

/** What differs from run to run taken out of the words. */
function steady(text: string): string {
  return text
    .replaceAll(world.tls.trusted.replace('localhost', '127.0.0.1'), 'HOST')
    .replaceAll(world.tls.trusted, 'HOST')
    .replaceAll(world.tls.expired, 'HOST')
    .replace(/127\.0\.0\.1:\d{4,}/g, 'HOST')
    .replace(/_bot_[0-9a-f]+/g, '_bot_…')
    .replace(/project_\d+/g, 'project_N')
}

function told(line: CheckLine): string {
  const { id, status, code, detail = '', hostSaid, fix } = line
  return steady(
    [
      `  ${id}: ${status}${code === undefined ? '' : ` ${code}`}`,
      `    ${detail}`,
      ...(hostSaid === undefined ? [] : [`    host: ${hostSaid}`]),
      ...(fix === undefined ? [] : [`    fix: ${fix}`]),
    ].join('\n'),
  )
}

describe('the diagnosis', () => {
  it.each(states)('$name', async ({ name, open, target = {}, found }) => {
    world.sandbox.behave()
    for (const host of [world.gitea, world.bitbucket, world.server, world.azure]) host.forget()
    const forge = open(world)
    const before = writes().length
    const lines: CheckLine[] = []
    const whole = { owner: 'acme', personal: false, repository: 'fleet', branch: 'main', ...target }
    for await (const line of forge.check(whole)) lines.push(line)
    await forge.close()

    const failures = lines.filter(line => line.status === 'fail')
    const shown = lines.filter(line => line.status === 'fail' || line.status === 'warn')
    report.push([name, ...shown.map(told)].join('\n'))
    if (found === undefined || found[1] === 'warn') {
      expect(failures).toEqual([])
      if (found) expect(lines.find(line => line.id === found[0])).toMatchObject({ status: 'warn' })
    } else {
      // One cause, one failure; what depends on it is not run.
      expect(failures.map(({ id, code }) => [id, code])).toEqual([found])
      expect(failures[0]!.fix, 'every failure says what to do').toBeTruthy()
    }
    expect(writes().length - before, 'a check writes nothing').toBe(0)
  })

  it('is worded as the golden file has it, in at least 60 states', async () => {
    expect(report.length).toBe(states.length)
    expect(states.length).toBeGreaterThanOrEqual(60)
    await expect(`${report.join('\n\n')}\n`).toMatchFileSnapshot('testdata/diagnoses.txt')
  })
})
