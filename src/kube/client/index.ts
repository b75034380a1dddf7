export {
  type ClientCertificate,
  type ClusterAccess,
  type CredentialSource,
  type Credentials,
  fixedCredentials,
  type Impersonation,
} from './access.ts'
export { createKubeClient, type KubeClientOptions } from './kube-client.ts'
export { type LoadOptions, loadKubeConfig } from './kubeconfig/load.ts'
export { contextsIn, pastedKubeConfig } from './kubeconfig/pasted.ts'
export {
  httpStatusOf,
  isAlreadyExists,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isKindUnknown,
  isNotFound,
  isUnauthorized,
  isUnavailable,
  statusOf,
} from './status.ts'
export type * from './types.ts'
