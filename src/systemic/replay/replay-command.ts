/** `plimsoll replay <event>`: which events there are. */
import { join } from 'node:path'
import { readVaultHistory } from '../../models/credit/events'
import { ethPriceFiles, readPrices } from '../../models/credit/prices'
import { badInput } from '../network'
import { readLiquidationSets } from './liquidation-command'
import { liquidationMarkdown, runLiquidationReport } from './liquidation-report'
import { makerMarkdown, runMakerReport } from './maker-report'
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
  liquidations: (dataSets) => {
    const report = runLiquidationReport(readLiquidationSets(dataSets))
    return { markdown: liquidationMarkdown(report), json: report }
  },
  'maker-eth-b': (dataSets) => {
    const history = readVaultHistory(join(dataSets, 'lending/maker-eth-b'))
    const report = runMakerReport(history, readPrices(ethPriceFiles(dataSets)))
    return { markdown: makerMarkdown(report), json: report }
  },
}

/** @throws PlimsollError (exit code 2) for an unknown event and for data that is absent or cannot be read */
export function runReplay(event: string, dataSets: string): ReplayAnswer {
  const run = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined
  if (run === undefined) throw badInput(`no event ${event}`, `there are ${Object.keys(EVENTS).join(', ')}`)
  return run(dataSets)
}
