import { jsonEqual } from '../../base/json.ts'
import { forbidden, required } from '../../kube/field-errors.ts'
import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, object, text } from '../schema.ts'
import { checkBranch, checkGitHub, checkNamespace, checkPath, type FluxConfig } from './flux-config.ts'
import { eksaApiVersion, eksaGroup, eksaVersion, emptyStatus } from './shared.ts'

/** GitOpsConfig: the old form of {@link FluxConfig}, for GitHub only. */
export const gitOpsConfigKind = defineKind({
  group: eksaGroup,
  version: eksaVersion,
  kind: 'GitOpsConfig',
  plural: 'gitopsconfigs',
  description: 'Old form of FluxConfig, for GitHub only.',
  spec: object('The repository and the place in it.', {
    flux: object('The engine.', {
      github: object(
        'GitHub.',
        {
          branch: text('Branch that is followed.', { default: 'main' }),
          clusterConfigPath: text(
            'Folder of the repository for the management cluster and all its workload clusters. Default: `clusters/<management cluster>`.',
          ),
          fluxSystemNamespace: text('Namespace of the Flux objects. Default: `flux-system`.'),
          owner: text('User or organization that owns the repository.'),
          personal: flag('The owner is a user, not an organization. Default: false.'),
          repository: text('Name of the repository; it is made when it does not exist.'),
        },
        ['owner', 'repository'],
      ),
    }),
  }),
  status: emptyStatus,
  defaults(config) {
    config.metadata.namespace ??= 'default'
    const github = config.spec.flux?.github
    if (github === undefined) return
    github.branch ||= 'main'
    github.fluxSystemNamespace ||= 'flux-system'
  },
  *warnings({ metadata }) {
    yield `GitOpsConfig is deprecated: write a FluxConfig named ${metadata.name ?? ''} instead and set gitOpsRef.kind to FluxConfig`
  },
  rules: [
    {
      name: 'github',
      says: 'Owner and repository are names that GitHub accepts.',
      *check({ spec }) {
        if (spec.flux?.github === undefined) yield required('spec.flux.github', 'gitOps.flux names no repository')
        else yield* checkGitHub('spec.flux.github', 'gitOps.flux', spec.flux.github)
      },
    },
    {
      name: 'branch',
      says: 'The branch is a name that Git accepts.',
      check: ({ spec }) => checkBranch('spec.flux.github.branch', spec.flux?.github?.branch),
    },
    {
      name: 'path',
      says: 'The path is relative, and stays inside the repository.',
      check: ({ spec }) => checkPath('spec.flux.github.clusterConfigPath', spec.flux?.github?.clusterConfigPath),
    },
    {
      name: 'namespace',
      says: 'The system namespace is a name that Kubernetes accepts.',
      check: ({ spec }) =>
        checkNamespace('spec.flux.github.fluxSystemNamespace', spec.flux?.github?.fluxSystemNamespace),
    },
  ],
  updateRules: [
    {
      name: 'immutable',
      says: 'Nothing in `spec` changes.',
      *check(object, old) {
        if (!jsonEqual(object.spec, old.spec)) yield forbidden('GitOpsConfig', 'config is immutable')
      },
    },
  ],
})

/** A GitOpsConfig as the API holds it. */
export type GitOpsConfig = ObjectOf<typeof gitOpsConfigKind>

/** The FluxConfig that a GitOpsConfig means, field by field; everything after parsing works with this one. */
export function fluxConfigOf({ metadata, spec }: GitOpsConfig): FluxConfig {
  const { owner, repository, personal, branch, clusterConfigPath, fluxSystemNamespace } = spec.flux?.github ?? {}
  return {
    apiVersion: eksaApiVersion,
    kind: 'FluxConfig',
    metadata: structuredClone(metadata),
    spec: {
      ...(branch === undefined ? {} : { branch }),
      ...(clusterConfigPath === undefined ? {} : { clusterConfigPath }),
      ...(fluxSystemNamespace === undefined ? {} : { systemNamespace: fluxSystemNamespace }),
      github: {
        owner: owner ?? '',
        repository: repository ?? '',
        ...(personal === undefined ? {} : { personal }),
      },
    },
  }
}
