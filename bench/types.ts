/** What a benchmark may use. */
export interface BenchContext {
  /** Says what is being done, on standard error. */
  note(text: string): void
  /** Scales the work: 1 is the documented size; smaller for a quick look. */
  readonly scale: number
  readonly signal: AbortSignal
  /** How often to measure what takes turns; once when absent. */
  readonly rounds?: number
  /** Numbers of applications to measure instead of the documented ones. */
  readonly sizes?: readonly number[]
  /** Another server to measure, for the benchmarks that can. */
  readonly kubeconfig?: string
}

/** A figure of a benchmark. Times are milliseconds unless the name says otherwise. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: 'ms' | 's' | 'x' | '1/s' | 'MiB' | 'calls' | ''
  /** What the figure is held against within the same run, and the ratio to it. */
  readonly against?: { readonly name: string; readonly ratio: number }
  /** What the figure has to be, in words, and whether it is. */
  readonly goal?: { readonly wanted: string; readonly met: boolean }
}

export interface Benchmark {
  readonly name: string
  /** One sentence: what is measured. */
  readonly about: string
  run(context: BenchContext): Promise<readonly Figure[]>
}
