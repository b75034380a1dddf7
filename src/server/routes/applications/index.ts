import { changeRoutes } from './changes.ts'
import { environmentRoutes } from './environments.ts'
import { historyRoutes } from './history.ts'
import { readRoutes } from './read.ts'
import { templateRoutes } from './templates.ts'
import { updateRoutes } from './updates.ts'
import { valueRoutes } from './values.ts'

export const applicationRoutes = [
  ...readRoutes,
  ...valueRoutes,
  ...changeRoutes,
  ...historyRoutes,
  ...environmentRoutes,
  ...templateRoutes,
  ...updateRoutes,
]
