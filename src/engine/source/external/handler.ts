import type { SourceHandler } from '../handler.ts'

/** ExternalArtifact: another controller writes its status; here it is only read. */
export const externalArtifactHandler: SourceHandler = {
  kind: 'ExternalArtifact',
  failureReason: 'Failed',
  external: true,
  run: () => Promise.reject(new Error('an ExternalArtifact is not reconciled')),
}
