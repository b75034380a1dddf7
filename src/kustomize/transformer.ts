import type { ResMap } from './resmap.ts'

/** Changes the objects of a build. */
export type Transformer = (map: ResMap) => void
