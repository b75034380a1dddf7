/** Group of the kinds that applications are described with. */
export const appsGroup = 'apps.sluice.dev'
