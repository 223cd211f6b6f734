/**
 * Lines of COPY's text format, gathered as bytes outside the JavaScript heap: a batch of a million lines is then a few
 * hundred buffers to the garbage collector, not a million strings.
 */
const CHUNK_CHARS = 128 * 1024

export interface CopyBuffer {
  /** Adds a line without its line break: values separated by tabs, `\N` for null, escaped where they need it. */
  push(line: string): void
  /** The chunks that are full; they leave the buffer. */
  takeFull(): readonly Buffer[]
  /** Everything that was not taken; it stays, in case it has to be sent again. */
  rest(): readonly Buffer[]
  /** Lines pushed so far, taken or not. */
  rowCount(): number
}

export function createCopyBuffer(): CopyBuffer {
  let chunks: Buffer[] = []
  let text = ''
  let rowCount = 0

  return {
    push(line) {
      text += line
      text += '\n'
      rowCount++
      if (text.length < CHUNK_CHARS) return
      chunks.push(Buffer.from(text))
      text = ''
    },
    takeFull() {
      const taken = chunks
      if (taken.length > 0) chunks = []
      return taken
    },
    rest() {
      if (text !== '') chunks.push(Buffer.from(text))
      text = ''
      return chunks
    },
    rowCount: () => rowCount,
  }
}
