/** Why a process ended, out of the last lines it wrote: pure. */

/**
 * One line: the last message with the details and the hint that are indented below it; of a line of structured log its
 * message. Undefined when it wrote nothing.
 */
export function lastWords(tail: readonly string[]): string | undefined {
  const said = tail.filter((line) => line.trim() !== '' && !isEnd(line) && !isStack(line))
  if (said.length === 0) return tail.findLast(isEnd)
  const first = said.findLastIndex((line) => !/^\s/.test(line))
  return said
    .slice(Math.max(0, first))
    .map((line) => messageIn(line).trim().replaceAll(/\s+/g, ' '))
    .join(' ')
}

/** What the supervisor itself notes at the end of a process (child.ts). */
function isEnd(line: string): boolean {
  return line.startsWith('(ended with ')
}

function isStack(line: string): boolean {
  return /^\s+at /.test(line) || line.startsWith('npm ')
}

function messageIn(line: string): string {
  if (!line.startsWith('{')) return line
  try {
    const { msg } = JSON.parse(line) as { msg?: unknown }
    return typeof msg === 'string' ? msg : line
  } catch {
    return line
  }
}
