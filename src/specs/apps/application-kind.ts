import { invalid } from '../../kube/field-errors.ts'
import { defineKind, type ObjectOf } from '../kind.ts'
import { list, object, oneOf, text } from '../schema.ts'
import { appsGroup } from './group.ts'

/** Application `apps.sluice.dev/v1alpha1`: what a folder of applications says of itself. Stands in Git only. */
export const applicationKind = defineKind({
  group: appsGroup,
  version: 'v1alpha1',
  kind: 'Application',
  plural: 'applications',
  description: 'An application that Sluice deploys: a chart with values, and what differs in each environment.',
  spec: object(
    'What it is.',
    {
      title: text('Name for people; the name of the object when absent.', { maxLength: 200 }),
      description: text('What it is for.', { maxLength: 2000 }),
      project: text('Project that it belongs to: grants are given by it.', {
        maxLength: 63,
        pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
      }),
      owners: list('Who to ask: names, teams or addresses.', text('One of them.', { maxLength: 200 }), {
        maxItems: 20,
      }),
      source: object(
        'Where its chart comes from.',
        {
          kind: oneOf(
            '`Template`: a reference chart of Sluice, kept in the repository; `Chart`: one of a chart repository.',
            ['Template', 'Chart'],
          ),
          name: text('Name of the template or chart.', { minLength: 1, maxLength: 250 }),
          repository: text('The HelmRepository or OCIRepository of a chart, by its name in the system namespace.', {
            maxLength: 253,
          }),
        },
        ['kind', 'name'],
      ),
    },
    ['project', 'source'],
  ),
  rules: [
    {
      name: 'chart-has-repository',
      says: 'A source of kind Chart names its repository; one of kind Template has none.',
      *check({ spec }) {
        const { source } = spec
        if (source?.kind === 'Chart' && !source.repository)
          yield invalid('spec.source.repository', source.repository, 'a chart needs the repository that it comes from')
        if (source?.kind === 'Template' && source.repository !== undefined)
          yield invalid('spec.source.repository', source.repository, 'a template has no repository')
      },
    },
  ],
})

export type ApplicationObject = ObjectOf<typeof applicationKind>
