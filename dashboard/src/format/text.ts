/** Text that came from a chain is untrusted: shown as text only, cleaned of what could mislead, and cut to length. */

/** C0/C1 controls, zero-width and bidirectional marks, byte order marks, tags, and lone surrogates. */
const misleading =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is being removed
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}\p{Cs}]/gu

/** Chain text made safe to read: controls and bidi marks become `·`, length is capped with an ellipsis. */
export function chainText(text: string | null | undefined, maxLength = 24): string {
  if (text === null || text === undefined || text.trim() === '') return '(unnamed)'
  const letters = [...text.slice(0, maxLength * 4).replace(misleading, '·')]
  return letters.length > maxLength ? `${letters.slice(0, maxLength - 1).join('')}…` : letters.join('')
}

/** `0x1234…abcd` from an address or hash; anything shorter stays whole. */
export function shortHex(hex: string, lead = 6, tail = 4): string {
  return hex.length <= lead + tail + 1 ? hex : `${hex.slice(0, lead)}…${hex.slice(-tail)}`
}

/** camelCase or snake_case as words: `badDebt` → `Bad debt`. */
export function words(name: string): string {
  const spaced = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .trim()
    .toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}
