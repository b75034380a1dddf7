import { defineKind, type ObjectOf } from '../kind.ts'
import { flag, integer, list, object, oneOf, text, textMap } from '../schema.ts'
import { conditions, duration, localReference, readyColumns, selector } from './shared.ts'

const exactlyOneKubeConfig =
  'exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified'

/** Kustomization `kustomize.toolkit.fluxcd.io/v1`: a folder of a source that is built and applied. */
export const kustomizationKind = defineKind({
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Kustomization',
  plural: 'kustomizations',
  shortNames: ['ks'],
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  description: 'A folder of a source that is built with kustomize and applied.',
  columns: readyColumns,
  spec: object(
    'What to build and how to apply it.',
    {
      buildMetadata: list(
        'Annotations about origin that the build adds.',
        oneOf('One option.', ['originAnnotations', 'transformerAnnotations']),
      ),
      commonMetadata: object('Metadata that every object gets, after the build.', {
        annotations: textMap('Annotations.'),
        labels: textMap('Labels.'),
      }),
      components: list('Paths of kustomize components to add.', text('A relative path.')),
      decryption: object(
        'How to decrypt what is encrypted in the source.',
        {
          provider: oneOf('The format.', ['sops']),
          secretRef: localReference('Secret with the keys.'),
          serviceAccountName: text('Service account whose cloud identity is used for keys in a cloud.'),
        },
        ['provider'],
      ),
      deletionPolicy: oneOf('What happens to the objects when this one is deleted; MirrorPrune when absent.', [
        'MirrorPrune',
        'Delete',
        'WaitForTermination',
        'Orphan',
      ]),
      dependsOn: list(
        'Kustomizations that must be ready first.',
        object(
          'One of them.',
          {
            name: text('Name.'),
            namespace: text('Namespace; this one when absent.'),
            readyExpr: text('CEL expression over `self` and `dep` that says when it is ready.'),
          },
          ['name'],
        ),
      ),
      force: flag('Delete and make anew what cannot be changed in place.', { default: false }),
      healthCheckExprs: list(
        'CEL expressions that tell the health of custom kinds.',
        object(
          'One kind.',
          {
            apiVersion: text('API version of the kind.'),
            current: text('True when the object is healthy.'),
            failed: text('True when it has failed.'),
            inProgress: text('True while it is being changed; asked first.'),
            kind: text('The kind; all of the group when absent.'),
          },
          ['apiVersion', 'current'],
        ),
      ),
      healthChecks: list(
        'Objects whose health is waited for.',
        object(
          'One object.',
          {
            apiVersion: text('API version; `apps/v1` when absent.'),
            kind: text('Kind.'),
            name: text('Name.'),
            namespace: text('Namespace.'),
          },
          ['kind', 'name'],
        ),
      ),
      ignore: list(
        'Fields that are neither applied over what is in the cluster nor counted as drift.',
        object(
          'One rule.',
          {
            paths: list('JSON pointers (RFC 6901).', text('A JSON pointer.')),
            target: selector,
          },
          ['paths'],
        ),
      ),
      ignoreMissingComponents: flag('Leave out components whose path does not exist.'),
      images: list(
        'Images to replace.',
        object(
          'One image.',
          {
            digest: text('Digest to use; wins over the tag.'),
            name: text('Name of the image without a tag.'),
            newName: text('Name to use instead.'),
            newTag: text('Tag to use.'),
          },
          ['name'],
        ),
      ),
      interval: text('How often to build and apply again.', { pattern: duration }),
      kubeConfig: object(
        'Another cluster to apply to.',
        {
          configMapRef: localReference('ConfigMap that describes a login without a secret.'),
          secretRef: object(
            'Secret with a kubeconfig.',
            { key: text('Key in the Secret; `value`, then `value.yaml`, when absent.'), name: text('Name.') },
            ['name'],
          ),
        },
        [],
        {
          'x-kubernetes-validations': [
            { rule: 'has(self.configMapRef) || has(self.secretRef)', message: exactlyOneKubeConfig },
            { rule: '!has(self.configMapRef) || !has(self.secretRef)', message: exactlyOneKubeConfig },
          ],
        },
      ),
      namePrefix: text('Put before every name.', { minLength: 1, maxLength: 200 }),
      nameSuffix: text('Put after every name.', { minLength: 1, maxLength: 200 }),
      patches: list(
        'Patches that are added to those of the folder.',
        object('One patch.', { patch: text('A strategic merge or JSON 6902 patch, as YAML.'), target: selector }, [
          'patch',
        ]),
      ),
      path: text('Folder of the source; its root when absent.'),
      postBuild: object('Variables to replace after the build.', {
        substitute: textMap('Variables and their values.'),
        substituteFrom: list(
          'Objects with variables; later ones win, `substitute` wins over all.',
          object(
            'One object.',
            {
              kind: oneOf('Its kind.', ['Secret', 'ConfigMap']),
              name: text('Its name, in the same namespace.', { minLength: 1, maxLength: 253 }),
              optional: flag('It may be missing.', { default: false }),
            },
            ['kind', 'name'],
          ),
        ),
        substituteStrategy: oneOf(
          'When to replace: if there is any variable (WithVariables, the default), or Always.',
          ['WithVariables', 'Always'],
        ),
      }),
      prune: flag('Delete objects that are no longer in the source.'),
      retryInterval: text('How soon to try again after a failure; `interval` when absent.', { pattern: duration }),
      serviceAccountName: text('Service account to act as.'),
      sourceRef: object(
        'The source.',
        {
          apiVersion: text('API version.'),
          kind: oneOf('Kind.', ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact']),
          name: text('Name.'),
          namespace: text('Namespace; this one when absent.'),
        },
        ['kind', 'name'],
      ),
      suspend: flag('Stop applying; what is there stays.'),
      targetNamespace: text('Namespace that every object is put into.', { minLength: 1, maxLength: 63 }),
      timeout: text('How long applying and waiting for health may take.', { pattern: duration }),
      wait: flag('Wait for the health of everything that is applied.'),
    },
    ['interval', 'prune', 'sourceRef'],
  ),
  status: object(
    'What was applied last.',
    {
      conditions,
      history: list(
        'The last results, newest first.',
        object(
          'One result.',
          {
            digest: text('Digest of what was built.'),
            firstReconciled: text('When it was first applied.', { format: 'date-time' }),
            lastReconciled: text('When it was last applied.', { format: 'date-time' }),
            lastReconciledDuration: text('How long that took.'),
            lastReconciledStatus: text('The reason with which it ended.'),
            metadata: textMap('`revision` and `originRevision`.'),
            totalReconciliations: integer('How often it was applied.', { format: 'int64' }),
          },
          [
            'digest',
            'firstReconciled',
            'lastReconciled',
            'lastReconciledDuration',
            'lastReconciledStatus',
            'totalReconciliations',
          ],
        ),
      ),
      inventory: object(
        'What was applied.',
        {
          entries: list(
            'The objects.',
            object(
              'One object.',
              { id: text('`namespace_name_group_kind`.'), v: text('API version without the group.') },
              ['id', 'v'],
            ),
          ),
        },
        ['entries'],
      ),
      lastAppliedOriginRevision: text('Origin of the last revision that was applied.'),
      lastAppliedRevision: text('The last revision that was applied with success.'),
      lastAttemptedRevision: text('The last revision that was tried.'),
      lastHandledReconcileAt: text('The last `reconcile.fluxcd.io/requestedAt` that was acted on.'),
      observedGeneration: integer('The generation that was handled last.', { format: 'int64' }),
    },
    [],
    { default: { observedGeneration: -1 } },
  ),
})

/** A Kustomization as the API holds it. */
export type Kustomization = ObjectOf<typeof kustomizationKind>
