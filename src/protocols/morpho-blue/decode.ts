/**
 * Decodes what happens in Morpho's markets.
 *
 * A market's events name only its id, so its tokens come from the row that CreateMarket of a listed Morpho announced. The
 * same events of anyone else, or of a market whose creation was not seen, become facts without a pool; the emitter then
 * stands for the token, which the event does not name.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, topicBytes32, wordAddress, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, MarketState, RawLog } from '../types'
import { CONTRACT, MARKET, RATE_MODEL } from './abi'
import { createMarket, rateUpdate, setFee } from './decode-config'
import { CONTRACT_DECODERS } from './decode-contract'
import type { Fee, Flow, MorphoEvent, Move } from './events'
import { contractRowId, feeRecipientsOf, type MarketIds, marketIds } from './state'

type LendingFact = Extract<Fact, { table: 'lending_event' }>
type Decoder = (log: RawLog, context: DecodeContext) => Decoded

const DECODERS: Readonly<Record<Hex, Decoder>> = {
  [MARKET.CreateMarket]: createMarket,
  [MARKET.Supply]: (log, context) => lend(log, context, 1n),
  [MARKET.Withdraw]: (log, context) => lend(log, context, -1n),
  [MARKET.Borrow]: (log, context) => owe(log, context, 1n),
  [MARKET.Repay]: (log, context) => owe(log, context, -1n),
  [MARKET.SupplyCollateral]: (log, context) => collateral(log, context, 1n),
  [MARKET.WithdrawCollateral]: (log, context) => collateral(log, context, -1n),
  [MARKET.Liquidate]: liquidated,
  [MARKET.AccrueInterest]: accrued,
  [MARKET.SetFee]: setFee,
  [RATE_MODEL.BorrowRateUpdate]: rateUpdate,
  ...CONTRACT_DECODERS,
}

export const MORPHO_TOPICS = [MARKET, CONTRACT, RATE_MODEL].flatMap((group): Hex[] => Object.values(group))

export function decodeMorpho(log: RawLog, context: DecodeContext): Decoded {
  return DECODERS[log.topics[0] as Hex]?.(log, context) ?? NOTHING
}

/** A market whose creation was seen, by the id in a listed Morpho's event. */
interface Known {
  id: Hex
  own: MarketState
  ids: MarketIds
}

function knownMarket(log: RawLog, context: DecodeContext): Known | undefined {
  const morpho = listedAs(log, context, 'morpho-blue', 'morpho')
  const id = topicBytes32(log, 1)
  const own = morpho && context.markets.get(`${context.chain.id}:${id}`)
  if (own === undefined || own.protocol !== 'morpho-blue' || own.state.morpho !== log.address)
    return undefined
  const { loanToken, collateralToken } = own.state as Record<'loanToken' | 'collateralToken', Hex>
  return { id, own, ids: marketIds(context.chain.id, { id, loanToken, collateralToken }) }
}

/** Parties and amounts of the two shapes that Supply and Repay, Withdraw and Borrow share. */
function shared(log: RawLog, name: string, outgoing: boolean) {
  // Outgoing: (id indexed, caller, onBehalf indexed, receiver indexed, assets, shares)
  // Incoming: (id indexed, caller indexed, onBehalf indexed, assets, shares)
  expectShape(log, name, 4, outgoing ? 3 : 2)
  const initiator = outgoing ? wordAddress(log, 0) : topicAddress(log, 2)
  const account = topicAddress(log, outgoing ? 2 : 3)
  if (outgoing) topicAddress(log, 3)
  const at = outgoing ? 1 : 0
  return { account, initiator, assets: wordUint(log, at), shares: wordUint(log, at + 1) }
}

function lend(log: RawLog, context: DecodeContext, sign: 1n | -1n): Decoded {
  const kind = sign > 0n ? 'supply' : 'withdraw'
  const { account, initiator, assets, shares } = shared(log, kind, sign < 0n)
  const known = knownMarket(log, context)
  const facts = [lendingFact(log, context, known, { kind, account, initiator, amount: assets })]
  if (known === undefined) return { facts, events: [] }
  const flow = flowOf({ supplyAssets: sign * assets, supplyShares: sign * shares })
  const move = { account, marketId: known.ids.loan, supply: sign * shares, debt: 0n }
  return { facts, events: [moved(log, known.ids.loan, flow, [move])] }
}

function owe(log: RawLog, context: DecodeContext, sign: 1n | -1n): Decoded {
  const kind = sign > 0n ? 'borrow' : 'repay'
  const { account, initiator, assets, shares } = shared(log, kind, sign > 0n)
  const known = knownMarket(log, context)
  const facts = [lendingFact(log, context, known, { kind, account, initiator, amount: assets })]
  if (known === undefined) return { facts, events: [] }
  const flow = flowOf({ borrowAssets: sign * assets, borrowShares: sign * shares })
  const move = { account, marketId: known.ids.loan, supply: 0n, debt: sign * shares }
  return { facts, events: [moved(log, known.ids.loan, flow, [move])] }
}

/**
 * SupplyCollateral(id indexed, caller indexed, onBehalf indexed, assets), which accrues no interest;
 * WithdrawCollateral(id indexed, caller, onBehalf indexed, receiver indexed, assets), which does
 */
function collateral(log: RawLog, context: DecodeContext, sign: 1n | -1n): Decoded {
  const outgoing = sign < 0n
  expectShape(log, outgoing ? 'WithdrawCollateral' : 'SupplyCollateral', 4, outgoing ? 2 : 1)
  const initiator = outgoing ? wordAddress(log, 0) : topicAddress(log, 2)
  const account = topicAddress(log, outgoing ? 2 : 3)
  if (outgoing) topicAddress(log, 3)
  const amount = wordUint(log, outgoing ? 1 : 0)
  const known = knownMarket(log, context)
  const kind = outgoing ? 'withdraw' : 'supply'
  const asset = known && (known.own.state.collateralToken as Hex)
  const what = { kind, account, initiator, amount, ...(asset && { asset }) } as const
  const facts = [lendingFact(log, context, known, what)]
  if (known === undefined || known.ids.collateral === null) return { facts, events: [] }
  const move = { account, marketId: known.ids.collateral, supply: sign * amount, debt: 0n }
  return { facts, events: [moved(log, known.ids.loan, outgoing ? flowOf({}) : null, [move])] }
}

/**
 * Liquidate(id indexed, caller indexed, borrower indexed, repaidAssets, repaidShares, seizedAssets, badDebtAssets,
 * badDebtShares)
 */
function liquidated(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Liquidate', 4, 5)
  const [initiator, account] = [topicAddress(log, 2), topicAddress(log, 3)]
  const [repaid, repaidShares, seized] = [wordUint(log, 0), wordUint(log, 1), wordUint(log, 2)]
  const [badDebtAssets, badDebtShares] = [wordUint(log, 3), wordUint(log, 4)]
  const known = knownMarket(log, context)
  const collateralAsset = (known?.own.state.collateralToken as Hex | undefined) ?? null
  const what = { kind: 'liquidation', account, initiator, amount: repaid } as const
  const facts = [lendingFact(log, context, known, { ...what, collateralAsset, collateralAmount: seized })]
  if (known === undefined) return { facts, events: [] }
  const gone = repaidShares + badDebtShares
  const flow = { ...flowOf({ borrowAssets: -repaid, borrowShares: -gone }), badDebtAssets }
  const moves: Move[] = [{ account, marketId: known.ids.loan, supply: 0n, debt: -gone }]
  if (known.ids.collateral !== null)
    moves.push({ account, marketId: known.ids.collateral, supply: -seized, debt: 0n })
  return { facts, events: [moved(log, known.ids.loan, flow, moves)] }
}

/** AccrueInterest(id indexed, prevBorrowRate, interest, feeShares); the shares go to Morpho's recipient of fees */
function accrued(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'AccrueInterest', 2, 3)
  const [interest, feeShares] = [wordUint(log, 1), wordUint(log, 2)]
  const known = knownMarket(log, context)
  if (known === undefined) return NOTHING
  const flow = flowOf({ supplyAssets: interest, supplyShares: feeShares, borrowAssets: interest })
  if (feeShares === 0n) return { facts: [], events: [moved(log, known.ids.loan, flow, [])] }
  const id = contractRowId(context.chain.id, log.address)
  const candidates = feeRecipientsOf(context.markets.get(id))
  const fee = { shares: feeShares, contractRowId: id, candidates }
  return { facts: [], events: [moved(log, known.ids.loan, flow, [], fee)] }
}

function flowOf(changes: Partial<Flow>): Flow {
  return {
    supplyAssets: 0n,
    supplyShares: 0n,
    borrowAssets: 0n,
    borrowShares: 0n,
    badDebtAssets: 0n,
    ...changes,
  }
}

function moved(
  log: RawLog,
  marketId: string,
  flow: Flow | null,
  moves: readonly Move[],
  fee: Fee | null = null,
): MorphoEvent {
  const ref = { block: log.block, logIndex: log.logIndex, txHash: log.txHash }
  return { protocol: 'morpho-blue', ref, name: 'moved', marketId, flow, moves, fee }
}

function lendingFact(
  log: RawLog,
  context: DecodeContext,
  known: Known | undefined,
  what: Pick<LendingFact, 'kind' | 'account' | 'initiator' | 'amount'> & Partial<LendingFact>,
): LendingFact {
  return {
    table: 'lending_event',
    protocol: 'morpho-blue',
    subIndex: 0,
    verified: listedAs(log, context, 'morpho-blue', 'morpho') !== undefined,
    pool: known?.id ?? null,
    asset: (known?.own.state.loanToken as Hex | undefined) ?? log.address,
    collateralAsset: null,
    collateralAmount: null,
    ...what,
  }
}
