/**
 * Text that came from a chain is untrusted: anyone may deploy a token whose symbol moves a terminal's cursor, reverses
 * the reading direction or holds a NUL, which PostgreSQL refuses. Such characters are written out as `\u{…}`.
 */

// Controls (NUL, ESC), format characters (bidi, zero-width, soft hyphen, tags, byte-order mark), lone surrogates, line
// and paragraph separators, and the backslash that begins an escape.
const UNSAFE = /[\\\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/**
 * Escapes what could mislead a reader, a terminal or the database, and caps the length.
 * @param maxLength characters of the result, an ellipsis included
 * @returns text safe to store and print; the empty string stays empty
 */
export function escapeUntrusted(text: string, maxLength = 64): string {
  // Escaping never shortens, so what lies beyond the cap need not be looked at.
  const escaped = text
    .slice(0, maxLength + 1)
    .replace(UNSAFE, (c) => (c === '\\' ? '\\\\' : `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`))
  if (escaped.length <= maxLength && text.length <= maxLength) return escaped
  const cut = escaped.slice(0, maxLength - 1)
  // A cut in the middle of a surrogate pair would leave half a character.
  return `${cut.replace(/[\ud800-\udbff]$/, '')}…`
}

/** Escapes every string of a flat record; keys are the protocol's own and stay. */
export function escapeRecord<T>(
  record: Readonly<Record<string, T>>,
  maxLength: number,
): Record<string, T | string> {
  const safe: Record<string, T | string> = {}
  for (const [key, value] of Object.entries(record)) {
    safe[key] = typeof value === 'string' ? escapeUntrusted(value, maxLength) : value
  }
  return safe
}
