/** Whether what a node sent is lower-case hex of the length that it must have. */
const WORD = /^0x[0-9a-f]{64}$/
const ADDRESS = /^0x[0-9a-f]{40}$/
const BYTES = /^0x(?:[0-9a-f]{2})*$/

/** 32 bytes. */
export function isWord(text: unknown): text is `0x${string}` {
  return typeof text === 'string' && WORD.test(text)
}

/** 20 bytes. */
export function isAddress(text: unknown): text is `0x${string}` {
  return typeof text === 'string' && ADDRESS.test(text)
}

/** Whole bytes of any number. */
export function isBytes(text: unknown): text is `0x${string}` {
  return typeof text === 'string' && BYTES.test(text)
}
