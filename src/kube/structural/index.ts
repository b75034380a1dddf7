/**
 * The semantics of Kubernetes' structural schemas: defaulting, pruning, validation with the API server's wording, CEL
 * rules, metadata rules, and the rules for definitions of custom resources.
 */
export { type CelEvaluator, createCelEvaluator } from './cel-evaluator.ts'
export { decodeError } from './decode-error.ts'
export { defaultObject } from './default-object.ts'
export { compileGoRegExp } from './go-regexp.ts'
export * from './names.ts'
export { type PruneOptions, pruneObject, unknownFields } from './prune-object.ts'
export { parseQuantity } from './quantity.ts'
export { type CrdOptions, validateCrd, validateCrdUpdate } from './validate-crd.ts'
export { validateCustomResource } from './validate-custom-resource.ts'
export {
  type MetadataOptions,
  validateAnnotations,
  validateEmbeddedMetadata,
  validateLabels,
  validateMetadata,
  validateMetadataUpdate,
} from './validate-metadata.ts'
export { type ValidateOptions, validateObject, validateValues } from './validate-object.ts'
export { type RuleOptions, validateRules } from './validate-rules.ts'
