/** Draws the status view: in place on a terminal, as an occasional block of lines in a log. */
import { renderStatus, type StatusView } from './view'

const LOG_EVERY_MS = 30_000
const ESC = '\u001b['

export interface Terminal {
  draw(status: StatusView, nowMs: number): void
  /** Leaves the last view standing and ends with a line of its own. */
  close(lastLine: string): void
}

/** What is worth a block of lines in a log at once; the figures in between can wait. */
function occasionOf({ notes, urls, chains, oracle, processes }: StatusView): string {
  const states = processes.map(({ name, state, restarts }) => [
    name,
    state === 'running' ? '' : state,
    restarts,
  ])
  return JSON.stringify([notes, urls, chains.map(({ name }) => name), oracle !== undefined, states])
}

/** @param out where to draw; a stream that is no terminal gets plain lines, every 30 s and when something begins or ends */
export function openTerminal(out: NodeJS.WriteStream): Terminal {
  let drawnLines = 0
  let lastLogMs = 0
  let lastOccasion = ''
  // Whoever read us may leave (`| head`, a closed terminal): the run goes on without a view.
  out.on('error', () => undefined)

  function redraw(lines: readonly string[]): void {
    const width = Math.max(20, out.columns ?? 100)
    const fitted = lines.map((line) => (line.length > width ? `${line.slice(0, width - 1)}…` : line))
    const up = drawnLines > 0 ? `${ESC}${drawnLines}A` : ''
    out.write(`${up}\r${ESC}J${fitted.join('\n')}\n`)
    drawnLines = fitted.length
  }

  return {
    draw(status, nowMs) {
      const lines = renderStatus(status)
      if (out.isTTY) return redraw(lines)
      const occasion = occasionOf(status)
      if (nowMs - lastLogMs < LOG_EVERY_MS && occasion === lastOccasion) return
      lastLogMs = nowMs
      lastOccasion = occasion
      out.write(`${lines.join('\n')}\n\n`)
    },
    close(lastLine) {
      out.write(`${lastLine}\n`)
    },
  }
}
