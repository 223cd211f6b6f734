/**
 * Lines of COPY's text format, gathered as bytes outside the JavaScript heap: a batch of a million lines is then a few
 * hundred buffers to the garbage collector, not a million strings.
 */
const CHUNK_CHARS = 128 * 1024

export interface CopyBuffer {
  /** Adds a line without its line break: values separated by tabs, `\N` for null, escaped where they need it. */
  push(line: string): void
  /** Everything that was pushed; the buffer is empty afterwards. */
  take(): { chunks: readonly Buffer[]; rowCount: number }
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
    take() {
      if (text !== '') chunks.push(Buffer.from(text))
      const taken = { chunks, rowCount }
      chunks = []
      text = ''
      rowCount = 0
      return taken
    },
  }
}
