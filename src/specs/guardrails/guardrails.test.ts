import { describe, expect, it } from 'vitest'
import { formatProblem } from '../problem.ts'
import { checkChange, limitsOf, matches, type Size } from './check-change.ts'
import { readGuardrails } from './read-guardrails.ts'

const text = `# limits of the shop
guardrails:
  - clusters: [prod*]
    groups: [web]
    largestStep: 2
    floor: 2
    ceiling: 10
  - groups: [control-plane]
    twoPerson: true
  - clusters: [prod]
    freeze:
      - reason: sale
        from: 2026-11-27
        until: 2026-12-01T08:00
        timeZone: Europe/Berlin
      - cron: 0 15 * * 5
        for: 61h
        timeZone: America/New_York
`
const read = (input: string) => readGuardrails({ path: 'sluice.yaml', text: input })
const check = (from: Size, to: Size, group = 'web', cluster = 'prod', now = '2026-06-03T12:00:00Z') =>
  checkChange(read(text).guardrails, cluster, [{ group, from, to }], new Date(now))
const broken = (...args: Parameters<typeof check>) =>
  check(...args)
    .filter(one => one.broken !== undefined)
    .map(one => `${one.place} ${one.rule}: ${one.broken}`)
const problems = (input: string) => read(input).problems.map(formatProblem)

describe('guardrails', () => {
  it('names the rule and its line when a step is too large or a limit is crossed', () => {
    expect(broken(3, 5)).toEqual([])
    expect(broken(3, 6)).toEqual(['sluice.yaml:5 at most 2 nodes in one commit: 3 to 6 is 3'])
    expect(broken(2, 1)).toEqual(['sluice.yaml:6 never below 2: 1'])
    expect(broken(10, 11)).toEqual(['sluice.yaml:7 never above 10: 11'])
  })

  it('lets a group outside of its limits step back, and never refuses what stays', () => {
    expect(broken(14, 12)).toEqual([])
    expect(broken(0, 1)).toEqual([])
    expect(check(20, 20)).toEqual([])
  })

  it('says of a group what holds for it before anything is changed', () => {
    const of = (group: string, now: string) => limitsOf(read(text).guardrails, 'prod', group, new Date(now))
    expect(of('web', '2026-06-03T12:00:00Z')).toEqual([
      { place: 'sluice.yaml:5', group: 'web', rule: 'at most 2 nodes in one commit' },
      { place: 'sluice.yaml:6', group: 'web', rule: 'never below 2' },
      { place: 'sluice.yaml:7', group: 'web', rule: 'never above 10' },
    ])
    expect(of('batch', '2026-11-28T12:00:00Z')).toMatchObject([
      { rule: 'frozen (sale)', until: '2026-12-01T07:00:00.000Z' },
      { rule: 'frozen' },
    ])
    expect(of('control-plane', '2026-06-03T12:00:00Z')).toMatchObject([{ twoPerson: true }])
  })

  it('holds bounds by each end', () => {
    expect(broken({ min: 2, max: 6 }, { min: 3, max: 8 })).toEqual([])
    expect(broken({ min: 2, max: 6 }, { min: 1, max: 11 })).toEqual([
      'sluice.yaml:5 at most 2 nodes in one commit: 2..6 to 1..11 is 5',
      'sluice.yaml:6 never below 2: 1',
      'sluice.yaml:7 never above 10: 11',
    ])
  })

  it('matches clusters and groups by patterns', () => {
    expect(check(3, 99, 'web', 'staging')).toEqual([])
    expect(check(3, 5, 'control-plane', 'staging')).toMatchObject([{ place: 'sluice.yaml:9', twoPerson: true }])
    expect(matches('*-eu-?', 'prod-eu-1')).toBe(true)
    expect(matches('*-eu-?', 'prod-eu-12')).toBe(false)
    expect(matches('a*a*a*b', 'a'.repeat(5000))).toBe(false)
  })

  it('freezes between two local times, the last one outside', () => {
    const at = (now: string) => broken(3, 4, 'web', 'prod', now)
    expect(at('2026-11-26T22:59:59Z')).toEqual([])
    expect(at('2026-11-26T23:00:00Z')).toEqual([
      'sluice.yaml:12 frozen (sale): the freeze lasts until 2026-12-01T07:00:00.000Z',
    ])
    expect(at('2026-12-01T07:00:00Z')).toEqual([])
  })

  it('freezes again and again by a schedule in its zone', () => {
    const at = (now: string) => broken(3, 4, 'web', 'prod', now)
    // Friday 15:00 in New York, in summer.
    expect(at('2026-06-05T18:59:59Z')).toEqual([])
    expect(at('2026-06-05T19:00:00Z')).toEqual([
      'sluice.yaml:16 frozen: the freeze lasts until 2026-06-08T08:00:00.000Z',
    ])
    expect(at('2026-06-08T07:59:59Z')).toHaveLength(1)
    expect(at('2026-06-08T08:00:00Z')).toEqual([])
  })

  it.each([
    [
      'guardrails:\n  - largeststep: 2\n',
      'sluice.yaml:2:5: guardrails[0].largeststep: Invalid value: 2: unknown field; did you mean guardrails[0].largestStep?',
    ],
    ['guardrails:\n  - ceiling: "9"\n', 'sluice.yaml:2:5: guardrails[0].ceiling: Invalid value: "string"'],
    [
      'guardrails:\n  - floor: 4\n    ceiling: 2\n',
      'sluice.yaml:3:5: guardrails[0].ceiling: Invalid value: 2: must not be below floor, 4',
    ],
    ['guardrails:\n  - clusters: [prod]\n', 'sluice.yaml:2:5: guardrails[0]: Invalid value: limits nothing'],
    [
      'guardrails:\n  - clusters: []\n    floor: 1\n',
      'sluice.yaml:2:5: guardrails[0].clusters: Invalid value: []: an empty list',
    ],
    ['guardrails:\n  - groups: ["md[0]"]\n    floor: 1\n', 'expected a name, * or ?'],
    ['guardrails:\n  - freeze: [{from: 2026-02-30, until: 2026-03-01}]\n', 'expected a local time'],
    ['guardrails:\n  - freeze: [{from: 2026-03-02, until: 2026-03-01}]\n', 'must be after 2026-03-02'],
    ['guardrails:\n  - freeze: [{from: 2026-03-02}]\n', 'guardrails[0].freeze[0].until: Required value'],
    ['guardrails:\n  - freeze: [{cron: "0 25 * * *", for: 1h}]\n', 'expected five fields'],
    ['guardrails:\n  - freeze: [{cron: "0 15 * * 5", for: 1000h}]\n', 'at most 744h'],
    ['guardrails:\n  - freeze: [{cron: "0 0 30 2 *", for: 1h}]\n', 'never comes'],
    ['guardrails:\n  - freeze: [{cron: "0 0 * * *", for: 1h, timeZone: Mars/Base}]\n', 'expected an IANA time zone'],
    ['guardrails:\n  - freeze: [{reason: x}]\n', 'from and until, or cron and for'],
    ['{}\n', 'guardrails: Required value'],
    ['', 'expected a mapping'],
    ['guardrails: [\n', 'the YAML cannot be read'],
  ])('refuses %j', (input, message) => {
    expect(problems(input).join('\n')).toContain(message)
    expect(read(input).guardrails).toEqual([])
  })
})
