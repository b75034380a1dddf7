export { eksaAdmission } from './admission.ts'
export { installEksaCrds } from './install-crds.ts'
export { type Machines, type MachinesOptions, startMachines } from './start.ts'
