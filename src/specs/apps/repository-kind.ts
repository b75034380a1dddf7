import { defineKind, type ObjectOf } from '../kind.ts'
import { object, text } from '../schema.ts'
import { appsGroup } from './group.ts'

/** ApplicationRepository `apps.sluice.dev/v1alpha1`: says that an application stands in a repository of its own. Stands in Git only. */
export const repositoryKind = defineKind({
  group: appsGroup,
  version: 'v1alpha1',
  kind: 'ApplicationRepository',
  plural: 'applicationrepositories',
  description: 'Where an application stands that has a repository of its own. It has the name of the application.',
  spec: object(
    'Where it is.',
    {
      project: text('Project of the application: the one that grants are given by, whatever its own repository says.', {
        maxLength: 63,
        pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
      }),
      url: text('Clone address, without credentials.', { minLength: 1, maxLength: 2000 }),
      branch: text('Branch that is followed.', { minLength: 1, maxLength: 250 }),
      id: text(
        'What the host calls the repository by, whatever its name: another repository of the same name is not taken for it.',
        { minLength: 1, maxLength: 200 },
      ),
    },
    ['project', 'url', 'branch', 'id'],
  ),
})

export type RepositoryObject = ObjectOf<typeof repositoryKind>
