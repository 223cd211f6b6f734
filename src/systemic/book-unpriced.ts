/**
 * Accounts that are no part of the book, told apart: those that hold or owe an asset without a price, by asset and with
 * their amounts, and all others by reason.
 *
 * Amounts do not depend on prices, so the protocol's own arithmetic gives them with a price of one put in the place of each
 * that is missing.
 */
import type { Hex } from '../chains/types'
import { toFloat } from '../features/float'
import { bySubject } from '../features/position'
import type { Withheld } from '../features/types'
import { PROTOCOLS } from '../protocols/registry'
import type { PositionState } from '../protocols/types'
import type { Unpriced } from './book'
import type { BookInput } from './book-of'

/** What one account has of an asset that has no price. */
export interface UnpricedAmounts {
  asset: Hex
  supplied: number
  borrowed: number
  reason: string
}

/** Splits what computing withheld; `worthless` is unpriced beside it. Both lists are in the order of ids or reasons. */
export function unpricedOf(
  input: BookInput,
  withheld: readonly Withheld[],
  worthless: readonly UnpricedAmounts[] = [],
): { unpriced: Unpriced[]; others: { reason: string; positions: number }[] } {
  const groups = withheld.length === 0 ? new Map<string, PositionState[]>() : bySubject(input.positions)
  const others = new Map<string, number>()
  const amounts = [...worthless]
  for (const { subjectId, reason } of withheld) {
    const missing = missingPrices(input, groups.get(subjectId) ?? [])
    if (missing.length === 0) others.set(reason, (others.get(reason) ?? 0) + 1)
    amounts.push(...missing)
  }
  return {
    unpriced: sumByAsset(input, amounts),
    others: [...others]
      .map(([reason, positions]) => ({ reason, positions }))
      .sort((a, b) => (a.reason < b.reason ? -1 : 1)),
  }
}

function sumByAsset(
  { positions, chain, symbols }: BookInput,
  amounts: readonly UnpricedAmounts[],
): Unpriced[] {
  const sums = new Map<Hex, Unpriced>()
  for (const { asset, supplied, borrowed, reason } of amounts) {
    const before = sums.get(asset)
    sums.set(asset, {
      assetId: `${positions.at.chainId}:${asset}`,
      symbol: chain.tokens.find(({ address }) => address === asset)?.symbol ?? symbols.get(asset) ?? asset,
      suppliedUnits: (before?.suppliedUnits ?? 0) + supplied,
      borrowedUnits: (before?.borrowedUnits ?? 0) + borrowed,
      positions: (before?.positions ?? 0) + 1,
      reason,
    })
  }
  return [...sums.values()].sort((a, b) => (a.assetId < b.assetId ? -1 : 1))
}

/** The assets of an account for want of whose price it has no standing; none where something else is unknown too. */
function missingPrices(
  { positions: state }: BookInput,
  positions: readonly PositionState[],
): UnpricedAmounts[] {
  const risk = PROTOCOLS[positions[0]?.protocol ?? '']?.risk
  if (risk === undefined) return []
  const { at, markets, prices, market } = state
  const missing = new Set<Hex>()
  const account = risk.account({
    ...{ positions, markets, timestampSec: at.timestampSec },
    price(asset, source) {
      const known = prices.at(`${at.chainId}:${asset}`, at.height, source)
      if (known !== undefined && known.answer > 0n) return known
      missing.add(asset)
      return { answer: 10n ** 18n, decimals: 18 }
    },
  })
  if ('incomplete' in account) return []
  const base = account.base.asset
  const reasons = new Map([...missing].map((asset) => [asset, 'its pool has no price for it']))
  if (base !== null && market.prices.get(base) === undefined)
    for (const { asset } of account.holdings)
      reasons.set(asset, `its pool reckons in ${base}, which has no market price`)
  return account.holdings.flatMap(({ asset, supplyBalance, debtBalance, unit }) => {
    const reason = reasons.get(asset)
    if (reason === undefined) return []
    const decimals = String(unit).length - 1
    return [
      { asset, supplied: toFloat(supplyBalance, decimals), borrowed: toFloat(debtBalance, decimals), reason },
    ]
  })
}
