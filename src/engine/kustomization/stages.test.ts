import { expect, test } from 'vitest'
import type { KubeObject } from '../../kube/object.ts'
import { stagesOf } from './stages.ts'

function object(kind: string, name = 'x', apiVersion = 'v1'): KubeObject {
  return { apiVersion, kind, metadata: { name } }
}

test('definitions are applied first, classes second, the rest last', () => {
  const stages = stagesOf([
    object('Deployment'),
    object('ValidatingWebhookConfiguration'),
    object('StorageClass'),
    object('Widget', 'w', 'example.com/v1'),
    object('Namespace'),
    object('ConfigMap'),
    object('ClusterRole'),
    object('CustomResourceDefinition'),
    object('MutatingWebhookConfiguration'),
    object('ServiceAccount'),
  ])
  expect(stages.map(stage => stage.objects.map(item => item.kind))).toEqual([
    ['CustomResourceDefinition', 'Namespace', 'ClusterRole'],
    ['StorageClass'],
    [
      'ServiceAccount',
      'ConfigMap',
      'Deployment',
      'Widget',
      'MutatingWebhookConfiguration',
      'ValidatingWebhookConfiguration',
    ],
  ])
  expect(stages.map(stage => stage.waits)).toEqual([true, true, false])
})

test('stages without objects are left out', () => {
  expect(stagesOf([object('ConfigMap')])).toHaveLength(1)
  expect(stagesOf([])).toEqual([])
})
