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

const URL_IN_TEXT = /\b(https?|wss?|postgres(?:ql)?):\/\/[^\s"'<>)\]}]+/gi

/**
 * Shortens every URL in a text to its scheme and host: an endpoint's key sits in its path, query or user part, and must
 * not reach a log.
 */
export function redactUrls(text: string): string {
  return text.replace(URL_IN_TEXT, (url) => {
    if (!URL.canParse(url)) return '(URL)'
    const { protocol, host, pathname, search, username } = new URL(url)
    const hidden = pathname.length > 1 || search !== '' || username !== ''
    return `${protocol}//${host}${hidden ? '/…' : ''}`
  })
}

/** Message of anything that was thrown, fit for a log: without what URLs may hide. */
export function messageOf(error: unknown): string {
  if (error instanceof PlimsollError) return redactUrls(error.format())
  return redactUrls(error instanceof Error ? error.message : String(error))
}
