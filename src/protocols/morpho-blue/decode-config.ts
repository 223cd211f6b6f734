/** Decodes what makes and changes a Morpho market: its creation, its fee, its rate model's answers. */
import type { Hex } from '../../chains/types'
import { expectShape, topicBytes32, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, MarketState, RawLog } from '../types'
import type { MorphoEvent } from './events'
import { isRateModelOf, marketIds, newMarket } from './state'

/** CreateMarket(id indexed, (loanToken, collateralToken, oracle, irm, lltv)) */
export function createMarket(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'CreateMarket', 2, 5)
  const [loanToken, collateralToken, oracle, irm] = [0, 1, 2, 3].map((word) => wordAddress(log, word)) as [
    Hex,
    Hex,
    Hex,
    Hex,
  ]
  const params = {
    id: topicBytes32(log, 1),
    loanToken,
    collateralToken,
    oracle,
    irm,
    lltvWad: wordUint(log, 4),
  }
  const morpho = listedAs(log, context, 'morpho-blue', 'morpho')
  if (morpho === undefined) return NOTHING
  const { all } = newMarket(morpho, params, context)
  for (const row of all) context.markets.add(row, [])
  const ref = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  const created: MorphoEvent = { protocol: 'morpho-blue', ref, name: 'created', rows: all }
  return { facts: [], events: [created] }
}

/** SetFee(id indexed, newFee): the share of interest that goes to the recipient of fees, in wad */
export function setFee(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'SetFee', 2, 1)
  const [id, feeWad] = [topicBytes32(log, 1), wordUint(log, 0).toString()]
  const morpho = listedAs(log, context, 'morpho-blue', 'morpho')
  const fact: Fact = {
    table: 'admin_action',
    subIndex: 0,
    verified: morpho !== undefined,
    kind: 'marketFeeSet',
    target: log.address,
    actor: null,
    detail: { market: id, feeWad },
  }
  const marketId = morpho && loanRowId(id, log.address, context)
  if (marketId === undefined) return { facts: [fact], events: [] }
  const fields = { feeWad, lastUpdateSec: log.block.timestampSec }
  return { facts: [fact], events: [set(log, marketId, fields)] }
}

/** BorrowRateUpdate(id indexed, avgBorrowRate, rateAtTarget), of the rate model that the chain file lists for a Morpho */
export function rateUpdate(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'BorrowRateUpdate', 2, 2)
  const [id, rateAtTargetWad] = [topicBytes32(log, 1), wordUint(log, 1).toString()]
  const morpho = context.listed(log.address)?.links?.morpho
  if (morpho === undefined || !isRateModelOf(context.listed(log.address), morpho)) return NOTHING
  const own = context.markets.get(`${context.chain.id}:${id}`)
  const marketId = own?.state.irm === log.address ? loanRowId(id, morpho, context) : undefined
  return marketId === undefined ? NOTHING : { facts: [], events: [set(log, marketId, { rateAtTargetWad })] }
}

/** Row of the loan asset of a market of this Morpho, if its creation was seen. */
function loanRowId(id: Hex, morpho: Hex, context: DecodeContext): string | undefined {
  const own = context.markets.get(`${context.chain.id}:${id}`)
  if (own?.protocol !== 'morpho-blue' || own.state.morpho !== morpho) return undefined
  const { loanToken, collateralToken } = own.state as Record<'loanToken' | 'collateralToken', Hex>
  return marketIds(context.chain.id, { id, loanToken, collateralToken }).loan
}

function set(log: RawLog, marketId: string, fields: MarketState['state']): MorphoEvent {
  const ref = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { protocol: 'morpho-blue', ref, name: 'set', marketId, fields }
}
