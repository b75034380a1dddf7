import { everything } from '../../../access/index.ts'

export { everything }
/** Connections hold credentials for everything that is deployed: administrators of everything set them. */
export const administrator = { role: 'administrator', scope: everything } as const
