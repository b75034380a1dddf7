export { changeRelease, type ReleaseChange } from './change-release.ts'
export { checkOverride } from './check-override.ts'
export { checkValues, type ValueProblem, valueProblems } from './check-values.ts'
export { createApplication, type NewApplication } from './create-application.ts'
export { checkProject, deployTo, type NewDeployment } from './deploy-to.ts'
export { setInDocument } from './edit-document.ts'
export {
  namespaceOf,
  readEnvironments,
  removeEnvironment,
  requireEnvironment,
  writeEnvironment,
} from './environments.ts'
export { type Release, releasesOf, type Snapshot, snapshotAt } from './history.ts'
export { type ImageInValues, imagesIn, newerTags } from './image-updates.ts'
export { mountApps, mountOwn } from './mount-apps.ts'
export {
  isOwnFile,
  type OwnSource,
  ownPlace,
  pointerFileOf,
  settleSyncs,
  sourceFile,
} from './own-repository.ts'
export {
  type AppsPlace,
  applicationPaths,
  appsFolder,
  chartsFolder,
  deploymentName,
  deploymentPaths,
  environmentPath,
  environmentsFolder,
  pointerPath,
  sourceNameOf,
  sourcePath,
  syncFolder,
} from './paths.ts'
export { promote } from './promote.ts'
export { type AppsInGit, readApps, requireApplication } from './read-applications.ts'
export { readPointers } from './read-pointer.ts'
export { appLabels, at, readChart, templatePath } from './release.ts'
export { removeApplication, removeDeployment } from './remove.ts'
export { restoreRelease, revertCommit } from './restore.ts'
export {
  changeSecrets,
  linkSecrets,
  plainSecretsIn,
  recipientsFor,
  type SealWith,
  type SecretValue,
  sealedPaths,
  secretPathsOf,
  withoutSealed,
} from './secret-values.ts'
export { inOrder, wholeSecondMs } from './stage-times.ts'
export {
  readTemplates,
  referenceChartsFolder,
  type Template,
  templateFiles,
  templateInGit,
  templatesInGit,
} from './templates.ts'
export { type Stage, type StageName, stageNames, timelineOf } from './timeline.ts'
export type {
  Application,
  BrokenApplication,
  ChartChoice,
  Deployment,
  Environment,
  RepositoryPointer,
  Values,
} from './types.ts'
export { effectiveValues, overriddenAt, overrideFor, type ValueChange, valueChanges } from './values.ts'
export { setValuesText, valuesTextIn, valuesTextOf } from './values-text.ts'
