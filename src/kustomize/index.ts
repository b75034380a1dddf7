export { type BuildOptions, type BuildResult, build } from './build.ts'
export type { Overrides } from './flux.ts'
export type { ImageArgs, PatchArgs, SelectorArgs } from './kustomization.ts'
export type { LoadRestrictor } from './loader.ts'
