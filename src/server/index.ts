export { connectFirst } from './connect-first.ts'
export type { ServerContext } from './context.ts'
export type { ServerOptions } from './options.ts'
export { type RunningServer, serverFiles, startServer } from './start.ts'
