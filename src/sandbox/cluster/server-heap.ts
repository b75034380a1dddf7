import { setFlagsFromString } from 'node:v8'

/**
 * Makes V8 let its heap grow in smaller steps: by `percent` of what lives instead of up to four times that. For processes
 * that are a sandbox cluster or an engine and little else; it holds for the whole process, so `startCluster` leaves it alone.
 * Measured after the load of `npm run bench -- --only cluster`: 176 instead of 258 MiB resident (docs/adr/0004).
 * An engine takes half (docs/adr/0010).
 */
export function keepHeapSmall(percent = 25): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`)
}
