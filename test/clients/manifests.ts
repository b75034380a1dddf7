/** Objects that the clients are given, as YAML. */

export const configMap = (name: string, data: Readonly<Record<string, string>>, labels = 'app: demo') => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  labels: {${labels}}
data: ${JSON.stringify(data)}
`

export const deployment = (name: string, image: string, replicas = 2) => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: {app: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
      - name: web
        image: ${image}
        ports: [{containerPort: 80}]
      - name: side
        image: side:1
`

export const widgets = (group: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.${group}
spec:
  group: ${group}
  scope: Namespaced
  names: {plural: widgets, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        description: Something small.
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer, minimum: 1, description: How large it is.}
              color: {type: string, default: grey}
          status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`

export const widget = (group: string, name: string, size: number) => `
apiVersion: ${group}/v1
kind: Widget
metadata: {name: ${name}}
spec: {size: ${size}}
`
