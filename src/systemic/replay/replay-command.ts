/** `plimsoll replay <event>`: which events there are. */
import { badInput } from '../network'
import { readMorphoHistory } from './morpho-command'
import { morphoMarkdown, runMorphoReport } from './morpho-report'

export interface ReplayAnswer {
  markdown: string
  json: object
}

const EVENTS: Readonly<Record<string, (dataSets: string) => ReplayAnswer>> = {
  'morpho-2025-11': (dataSets) => {
    const report = runMorphoReport(readMorphoHistory(dataSets))
    return { markdown: morphoMarkdown(report), json: report }
  },
}

/** @throws PlimsollError (exit code 2) for an unknown event and for data that is absent or cannot be read */
export function runReplay(event: string, dataSets: string): ReplayAnswer {
  const run = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined
  if (run === undefined) throw badInput(`no event ${event}`, `there are ${Object.keys(EVENTS).join(', ')}`)
  return run(dataSets)
}
