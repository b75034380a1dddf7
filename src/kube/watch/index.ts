export { createInformer, type InformerDeps } from './informer.ts'
export { KeyedLoop, type KeyedLoopOptions } from './keyed-loop.ts'
export type * from './types.ts'
export { WatchCache, type WatchCacheOptions, type WatchScope } from './watch-cache.ts'
