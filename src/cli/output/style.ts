import picocolors from 'picocolors'

/** Colours of one output stream: real ones on a terminal that wants them, none otherwise. */
export interface Style {
  readonly enabled: boolean
  bold(text: string): string
  dim(text: string): string
  good(text: string): string
  bad(text: string): string
  attention(text: string): string
  moving(text: string): string
}

/** https://no-color.org and FORCE_COLOR are obeyed; `TERM=dumb` has no colours. */
export function styleFor(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Style {
  const forced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'
  const enabled = forced || (stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb')
  const colors = picocolors.createColors(enabled)
  return {
    enabled,
    bold: colors.bold,
    dim: colors.dim,
    good: colors.green,
    bad: colors.red,
    attention: colors.yellow,
    moving: colors.blue,
  }
}
