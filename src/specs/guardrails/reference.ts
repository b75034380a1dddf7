import type { Schema } from '../../kube/schema/types.ts'
import { fieldRows, table } from '../reference-tables.ts'
import { guardrailsSchema } from './guardrails-schema.ts'

const introduction = `Limits for changes of sizes, kept in Git: \`sluice.yaml\` (or \`sluice.rules\`) at the root of the repository
([guide](../guides/fleet.md)). \`sluice scale\` reads it from the tip of the branch that its commit meets, and refuses a change
that breaks a limit before anything is written. Not a Kubernetes object.`

const notes = [
  'Unknown fields, wrong types and empty patterns are errors, with the line: while the file has one, nothing is scaled.',
  'All limits whose patterns match both the cluster and the group hold, whatever their order.',
  'For bounds (`MIN..MAX`), `floor` is about the lower one, `ceiling` about the upper one, `largestStep` about each.',
  'A group that is outside of `floor` or `ceiling` already may take a step back towards it.',
  'A group whose size does not change is never refused.',
  '`twoPerson` makes Sluice go through a request; who may approve and merge it are rules of the Git host.',
]

/** The reference page of `sluice.yaml`, made from its definition. */
export function guardrailsPage(): string {
  return `${[
    '# sluice.yaml',
    '<!-- Made by `npm run docs` from src/specs: change it there. -->',
    introduction,
    '## Fields',
    table(['field', 'type', 'required', 'default', 'meaning'], fieldRows(guardrailsSchema as unknown as Schema, '')),
    '## Rules',
    notes.map(text => `- ${text}`).join('\n'),
  ].join('\n\n')}\n`
}
