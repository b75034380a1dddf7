/** What somebody wants to do, in the words of RBAC. */
export type Attempt =
  | {
      readonly type: 'path'
      /** The method in lower case. */
      readonly verb: string
      readonly path: string
    }
  | {
      readonly type: 'resource'
      readonly verb: string
      readonly group: string
      /** The plural. */
      readonly resource: string
      readonly subresource: string
      /** '' at the cluster scope. */
      readonly namespace: string
      readonly name: string
    }
