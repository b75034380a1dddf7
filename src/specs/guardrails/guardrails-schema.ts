import { type FromSchema, flag, integer, list, object, text } from '../schema.ts'

const freeze = object('A window in which nothing is changed: either `from` and `until`, or `cron` and `for`.', {
  reason: text('Why, for the one who is refused.', { minLength: 1, maxLength: 200 }),
  from: text('When it begins, in local time: `2026-12-19T00:00` or `2026-12-19`.'),
  until: text('When it ends, in local time; this moment is outside of it.'),
  cron: text('When it begins, again and again: five fields, as in `0 15 * * 5`.'),
  for: text('How long it lasts after each beginning, as in `61h`; at most 31 days (`744h`).'),
  timeZone: text('IANA name of the time zone of `from`, `until` and `cron`.', { default: 'UTC' }),
})

const guardrail = object('Limits for some groups. All limits that match a group hold.', {
  clusters: list('Names of clusters; `*` stands for any letters, `?` for one.', text('A name or a pattern.'), {
    default: ['*'],
  }),
  groups: list(
    'Names of node groups, `control-plane` among them; patterns as for clusters.',
    text('A name or a pattern.'),
    {
      default: ['*'],
    },
  ),
  largestStep: integer('Most nodes by which one commit may change a count or a bound.', { minimum: 1 }),
  floor: integer('Smallest count, or smallest lower bound.', { minimum: 0 }),
  ceiling: integer('Largest count, or largest upper bound.', { minimum: 0 }),
  twoPerson: flag('Changes come by a pull or merge request only.', { default: false }),
  freeze: list('Windows in which the groups stay as they are.', freeze, { maxItems: 50 }),
})

/** The schema of `sluice.yaml`; also what its reference page is made from. */
export const guardrailsSchema = object(
  'Limits that every change of sizes by Sluice keeps.',
  { guardrails: list('The limits, in any order.', guardrail, { maxItems: 200 }) },
  ['guardrails'],
)

export type GuardrailsFile = FromSchema<typeof guardrailsSchema>
export type GuardrailSpec = GuardrailsFile['guardrails'][number]
export type FreezeSpec = NonNullable<GuardrailSpec['freeze']>[number]
