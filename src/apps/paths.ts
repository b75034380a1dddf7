import { SluiceError } from '../base/errors/index.ts'
import { fleetFolder } from '../layout/index.ts'

/** Where applications stand in the repository that a cluster follows, and under which names the cluster knows it. */
export interface AppsPlace {
  /** Folder that the cluster applies, without `./`; '' for the root. */
  readonly fleetPath: string
  /** Namespace of the Flux objects. */
  readonly systemNamespace: string
  /** GitRepository of the repository, in that namespace. */
  readonly sourceName: string
}

/** Folders at the root of the repository: beside what is applied as it is, never inside it. */
export const appsFolder = 'apps'
export const environmentsFolder = 'environments'
export const chartsFolder = 'charts'

/** Names that Kubernetes, helm and file systems all take; short enough that `<app>-<environment>` is a release's name. */
export const maxAppName = 40
export const maxEnvironmentName = 30
/** helm: names of releases have at most 53 characters. */
const maxReleaseName = 53

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/

/** Folders that cannot be environments of an application. */
const reserved = new Set(['base'])

export interface ApplicationPaths {
  readonly folder: string
  /** What the application says of itself; not applied. */
  readonly definition: string
  readonly baseFolder: string
  readonly baseKustomization: string
  readonly baseRelease: string
}

/** @throws E_APP_NAME */
export function applicationPaths(app: string): ApplicationPaths {
  const folder = `${appsFolder}/${checkName(app, 'application', maxAppName)}`
  const baseFolder = `${folder}/base`
  return {
    folder,
    definition: `${folder}/application.yaml`,
    baseFolder,
    baseKustomization: `${baseFolder}/kustomization.yaml`,
    baseRelease: `${baseFolder}/release.yaml`,
  }
}

export interface DeploymentPaths {
  readonly folder: string
  readonly kustomization: string
  /** The patch of the release: what differs from base. */
  readonly release: string
  readonly namespace: string
  readonly access: string
  /** Sealed values. */
  readonly secrets: string
  /** The Kustomization that makes the cluster apply the folder. */
  readonly sync: string
}

/** The files of one application in one environment. @throws E_APP_NAME */
export function deploymentPaths(place: AppsPlace, app: string, environment: string): DeploymentPaths {
  checkDeploymentName(app, environment)
  const folder = `${applicationPaths(app).folder}/${environment}`
  return {
    folder,
    kustomization: `${folder}/kustomization.yaml`,
    release: `${folder}/release.yaml`,
    namespace: `${folder}/namespace.yaml`,
    access: `${folder}/access.yaml`,
    secrets: `${folder}/secrets.yaml`,
    sync: `${syncFolder(place)}/${app}/${environment}.yaml`,
  }
}

/** Folder of the Kustomizations of applications, inside of what the cluster applies. */
export function syncFolder(place: AppsPlace): string {
  const fleet = fleetFolder(place.fleetPath)
  return fleet === '' ? 'sluice-apps' : `${fleet}/sluice-apps`
}

/** In the fleet's repository: says that the application has a repository of its own, and which. @throws E_APP_NAME */
export function pointerPath(app: string): string {
  return `${applicationPaths(app).folder}/repository.yaml`
}

/** The GitRepository of an application with a repository of its own. No environment can be called so. @throws E_APP_NAME */
export function sourcePath(place: AppsPlace, app: string): string {
  return `${syncFolder(place)}/${checkName(app, 'application', maxAppName)}/source.git.yaml`
}

/** Name of that GitRepository. @throws E_APP_NAME */
export function sourceNameOf(app: string): string {
  return `app-${checkName(app, 'application', maxAppName)}`
}

/** @throws E_APP_NAME */
export function environmentPath(environment: string): string {
  return `${environmentsFolder}/${checkEnvironmentName(environment)}.yaml`
}

/** Name of the Kustomization, HelmRelease and service account of an application in an environment. @throws E_APP_NAME */
export function deploymentName(app: string, environment: string): string {
  return checkDeploymentName(app, environment)
}

function checkDeploymentName(app: string, environment: string): string {
  checkName(app, 'application', maxAppName)
  checkEnvironmentName(environment)
  const name = `${app}-${environment}`
  if (name.length > maxReleaseName) {
    throw new SluiceError('E_APP_NAME', {
      object: `application ${app} in ${environment}`,
      expected: `at most ${maxReleaseName} characters for both names and the - between them`,
      seen: `${name.length}`,
    })
  }
  return name
}

function checkEnvironmentName(name: string): string {
  checkName(name, 'environment', maxEnvironmentName)
  if (reserved.has(name)) {
    throw new SluiceError('E_APP_NAME', {
      object: 'environment',
      expected: 'another name: this one is a folder that every application has',
      seen: JSON.stringify(name),
    })
  }
  return name
}

function checkName(name: string, what: string, max: number): string {
  if (name.length <= max && label.test(name)) return name
  throw new SluiceError('E_APP_NAME', {
    object: what,
    expected: `at most ${max} lower case letters, digits and '-', with a letter or digit at both ends`,
    seen: JSON.stringify(name.slice(0, 100)),
  })
}
