/**
 * One error for what a user or operator can act on: a short message, the values that led to it, and what to do.
 * `exitCode` 2 marks faults of configuration or input.
 */
export class PlimsollError extends Error {
  readonly details: readonly string[]
  readonly hint: string | undefined
  readonly exitCode: number

  constructor(
    message: string,
    options: { details?: readonly string[]; hint?: string; cause?: unknown; exitCode?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'PlimsollError'
    this.details = options.details ?? []
    this.hint = options.hint
    this.exitCode = options.exitCode ?? 1
  }

  /** The message, its details and the hint, one a line, for a terminal. */
  format(): string {
    const lines = [this.message, ...this.details.map((detail) => `  - ${detail}`)]
    if (this.hint !== undefined) lines.push(`  → ${this.hint}`)
    return lines.join('\n')
  }
}

/** Message of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof PlimsollError) return error.format()
  return error instanceof Error ? error.message : String(error)
}
