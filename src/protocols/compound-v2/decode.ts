/**
 * cToken logs → lending facts and events for the fold.
 *
 * A cToken is believed when the chain file lists it, or when a listed comptroller announced it. The asset of a fact is
 * the underlying where the chain file names it (`links.underlying`), else the cToken itself. `Mint(address,uint256,
 * uint256)` is also Uniswap V2's, whose sender is indexed: that form is left alone. A Transfer is the token decoder's
 * to record; here it only moves positions.
 */
import type { Hex } from '../../chains/types'
import { expectShape, hasShape, topicAddress, wordAddress, wordUint } from '../log-shape'
import { NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, RawLog } from '../types'
import { CTOKEN } from './abi'
import { COMPTROLLER_DECODERS } from './decode-comptroller'
import type { MarketSeed, NewEvent } from './events'
import { emit, marketOf } from './seeds'

type LendingFact = Extract<Fact, { table: 'lending_event' }>
type Effect = Pick<LendingFact, 'kind' | 'account' | 'initiator' | 'amount'> & Partial<LendingFact>
type Decoder = (log: RawLog, context: DecodeContext) => Decoded

/** Decodes one log whose topic0 is in `COMPOUND_V2_TOPICS`. Throws UndecodableLog when it does not fit its event. */
export function decodeCompoundV2(log: RawLog, context: DecodeContext): Decoded {
  return DECODERS.get(log.topics[0] as Hex)?.(log, context) ?? NOTHING
}

const DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  [CTOKEN.Mint, mint],
  [CTOKEN.Redeem, redeem],
  [CTOKEN.Borrow, borrow],
  [CTOKEN.RepayBorrow, repayBorrow],
  [CTOKEN.LiquidateBorrow, liquidateBorrow],
  [CTOKEN.AccrueInterest, accrueInterest],
  [CTOKEN.AccrueInterestOld, accrueInterest],
  [CTOKEN.Transfer, transfer],
  [CTOKEN.ReservesAdded, reserves],
  [CTOKEN.ReservesReduced, reserves],
  [CTOKEN.NewReserveFactor, newReserveFactor],
  [CTOKEN.NewMarketInterestRateModel, newInterestRateModel],
  ...COMPTROLLER_DECODERS,
])

export const COMPOUND_V2_TOPICS: readonly Hex[] = [...DECODERS.keys()]

/** Mint(minter, mintAmount, mintTokens) */
function mint(log: RawLog, context: DecodeContext): Decoded {
  if (hasShape(log, 2, 2)) return NOTHING
  const effect = ofOne(log, 'Mint', 'supply', 3)
  const tokens = wordUint(log, 2)
  return lending(log, context, effect, (market) => ({
    name: 'minted',
    market,
    amount: effect.amount,
    tokens,
  }))
}

/** Redeem(redeemer, redeemAmount, redeemTokens) */
function redeem(log: RawLog, context: DecodeContext): Decoded {
  const effect = ofOne(log, 'Redeem', 'withdraw', 3)
  const tokens = wordUint(log, 2)
  return lending(log, context, effect, (market) => ({
    name: 'redeemed',
    market,
    amount: effect.amount,
    tokens,
  }))
}

/** Borrow(borrower, borrowAmount, accountBorrows, totalBorrows) */
function borrow(log: RawLog, context: DecodeContext): Decoded {
  const effect = ofOne(log, 'Borrow', 'borrow', 4)
  const after = { principal: wordUint(log, 2), borrows: wordUint(log, 3) }
  return lending(log, context, effect, (market) => ({
    name: 'debt',
    market,
    account: effect.account,
    cashDelta: -effect.amount,
    ...after,
  }))
}

/** RepayBorrow(payer, borrower, repayAmount, accountBorrows, totalBorrows) */
function repayBorrow(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'RepayBorrow', 1, 5)
  const [initiator, account, amount] = [wordAddress(log, 0), wordAddress(log, 1), wordUint(log, 2)]
  const after = { principal: wordUint(log, 3), borrows: wordUint(log, 4) }
  return lending(log, context, { kind: 'repay', initiator, account, amount }, (market) => ({
    name: 'debt',
    market,
    account,
    cashDelta: amount,
    ...after,
  }))
}

/** LiquidateBorrow(liquidator, borrower, repayAmount, cTokenCollateral, seizeTokens); RepayBorrow and Transfer move state */
function liquidateBorrow(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'LiquidateBorrow', 1, 5)
  const effect: Effect = {
    kind: 'liquidation',
    initiator: wordAddress(log, 0),
    account: wordAddress(log, 1),
    amount: wordUint(log, 2),
    collateralAsset: wordAddress(log, 3),
    collateralAmount: wordUint(log, 4),
  }
  return lending(log, context, effect)
}

/** AccrueInterest([cashPrior,] interestAccumulated, borrowIndex, totalBorrows) */
function accrueInterest(log: RawLog, context: DecodeContext): Decoded {
  const old = log.topics[0] === CTOKEN.AccrueInterestOld
  expectShape(log, 'AccrueInterest', 1, old ? 3 : 4)
  const at = old ? 0 : 1
  const [interest, index, borrows] = [wordUint(log, at), wordUint(log, at + 1), wordUint(log, at + 2)]
  const market = marketOf(log, context)
  if (market === undefined || index === 0n) return NOTHING
  return emit(log, { name: 'accrued', market, cash: old ? null : wordUint(log, 0), interest, index, borrows })
}

/** Transfer(from indexed, to indexed, amount). Everybody's tokens pass here: the emitter is asked first. */
function transfer(log: RawLog, context: DecodeContext): Decoded {
  const market = marketOf(log, context)
  if (market === undefined) return NOTHING
  expectShape(log, 'Transfer', 3, 1)
  const parties = { from: topicAddress(log, 1), to: topicAddress(log, 2) }
  return emit(log, { name: 'transferred', market, ...parties, tokens: wordUint(log, 0) })
}

/** ReservesAdded(benefactor, addAmount, newTotalReserves); ReservesReduced(admin, reduceAmount, newTotalReserves) */
function reserves(log: RawLog, context: DecodeContext): Decoded {
  const added = log.topics[0] === CTOKEN.ReservesAdded
  expectShape(log, added ? 'ReservesAdded' : 'ReservesReduced', 1, 3)
  const [party, amount, total] = [wordAddress(log, 0), wordUint(log, 1), wordUint(log, 2)]
  const market = marketOf(log, context)
  if (market === undefined) return NOTHING
  const seized = added && party === market.cToken
  const cashDelta = seized ? 0n : added ? amount : -amount
  return emit(log, { name: 'reserves', market, cashDelta, reserves: total, seized })
}

/** NewReserveFactor(oldMantissa, newMantissa) */
function newReserveFactor(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'NewReserveFactor', 1, 2)
  return configured(log, context, { reserveFactorMantissa: wordUint(log, 1).toString() })
}

/** NewMarketInterestRateModel(old, new) */
function newInterestRateModel(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'NewMarketInterestRateModel', 1, 2)
  return configured(log, context, { interestRateModel: wordAddress(log, 1) })
}

function configured(log: RawLog, context: DecodeContext, changes: Record<string, string>): Decoded {
  const market = marketOf(log, context)
  return market === undefined ? NOTHING : emit(log, { name: 'configured', market, changes })
}

function ofOne(log: RawLog, name: string, kind: LendingFact['kind'], words: number): Effect {
  expectShape(log, name, 1, words)
  const account = wordAddress(log, 0)
  return { kind, account, initiator: account, amount: wordUint(log, 1) }
}

function lending(
  log: RawLog,
  context: DecodeContext,
  effect: Effect,
  toEvent?: (market: MarketSeed) => NewEvent,
): Decoded {
  const market = marketOf(log, context)
  const fact: Fact = {
    table: 'lending_event',
    protocol: 'compound-v2',
    subIndex: 0,
    verified: market !== undefined,
    pool: market?.pool ?? null,
    ...(market === undefined ? {} : { marketSuffix: market.cToken }),
    asset: market?.asset ?? log.address,
    collateralAsset: null,
    collateralAmount: null,
    ...effect,
  }
  return market === undefined || toEvent === undefined
    ? { facts: [fact], events: [] }
    : emit(log, toEvent(market), [fact])
}
