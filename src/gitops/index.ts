export { type ImportPlan, type ImportRequest, type ImportResult, importRepository } from './import.ts'
