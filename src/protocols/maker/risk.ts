/**
 * Health of a vault: the sides of `ink · spot < art · rate`, at which cat and dog may take it.
 *
 *   spot = ⌊⌊value · 1e9 · 1e27 / par⌋ · 1e27 / mat⌋        as of the last poke
 *   HF   = ⌊ink · spot · 1e18 / (art · rate)⌋; below 1e18 exactly when the vault is unsafe
 *
 * `rate` is the vat's, as of the last drip: that is what they look at. jug.ts tells what a drip would add. Money is in DAI.
 */
import { BPS, mulDivDown, mulDivUp, RAY, UINT256_MAX, WAD } from '../../math/fixed-point'
import type {
  Holding,
  Incomplete,
  LendingAccount,
  LendingRisk,
  LiquidationPrice,
  RiskInput,
} from '../lending-risk'
import { greatestUnsafePrice } from '../liquidation-price'
import { totalsOf } from '../totals'
import type { MarketState } from '../types'

/** The vat's spot price, ray, for an oracle's value of one whole gem, wad. */
export function spotRayDown(valueWad: bigint, parRay: bigint, matRay: bigint): bigint {
  return mulDivDown(mulDivDown(valueWad * 10n ** 9n, RAY, parRay), RAY, matRay)
}

interface Vault {
  inkWad: bigint
  artWad: bigint
  rateRay: bigint
  /** In DAI for one whole gem, wad. */
  priceWad: bigint
  spotAt(priceWad: bigint): bigint
  holdings: Holding[]
  dai: MarketState['asset']
}

function healthFactorWad(vault: Vault, priceWad: bigint): bigint {
  const owedRad = vault.artWad * vault.rateRay
  return owedRad === 0n ? UINT256_MAX : mulDivDown(vault.inkWad * vault.spotAt(priceWad), WAD, owedRad)
}

function vaultOf(input: RiskInput): Vault | Incomplete {
  const used = input.positions.filter(
    ({ scaledSupply, scaledDebt }) => scaledSupply !== 0n || scaledDebt !== 0n,
  )
  let [inkWad, artWad] = [0n, 0n]
  let ilk: MarketState | undefined
  for (const position of used) {
    const market = input.markets.get(position.marketId)
    if (market === undefined) return { incomplete: `market ${position.marketId} is unknown` }
    if (!position.complete || !market.complete)
      return { incomplete: `${market.id} began before its coverage, or its collateral is not listed` }
    ilk = input.markets.get(market.id.slice(0, market.id.lastIndexOf(':')))
    if (ilk === undefined) return { incomplete: `parameters of ilk ${market.pool} are unknown` }
    inkWad += position.scaledSupply
    artWad += position.scaledDebt
  }
  if (ilk === undefined) return { ...NO_VAULT, holdings: [] }
  return valued(ilk, { inkWad, artWad }, input)
}

const NO_VAULT = {
  ...{ inkWad: 0n, artWad: 0n, rateRay: RAY, priceWad: 0n, spotAt: () => 0n },
  dai: '0x' as const,
}

function valued(
  ilk: MarketState,
  { inkWad, artWad }: { inkWad: bigint; artWad: bigint },
  input: RiskInput,
): Vault | Incomplete {
  const read = (name: string) => BigInt(String(ilk.state[name] ?? 0))
  const [parRay, matRay] = [read('pokedParRay'), read('pokedMatRay')]
  const { gem, dai, decimals } = ilk.state as {
    gem: MarketState['asset']
    dai: MarketState['asset']
    decimals: number
  }
  if (parRay <= 0n || matRay <= 0n) return { incomplete: `ilk ${ilk.pool} has no liquidation ratio yet` }
  if (read('spotRay') !== spotRayDown(read('pokedWad'), parRay, matRay))
    return { incomplete: `spot of ilk ${ilk.pool} was set otherwise than by its oracle` }
  const valueWad = input.price(gem, ilk.pool)?.answer
  if (valueWad === undefined || valueWad <= 0n || read('pokedWad') === 0n)
    return { incomplete: `no positive price for ${gem}` }
  const lent = input.markets.get(`${ilk.id}:${dai}`)
  if (artWad > 0n && lent === undefined) return { incomplete: `rate of ilk ${ilk.pool} is unknown` }
  const vault = {
    inkWad,
    artWad,
    rateRay: BigInt(String(lent?.state.borrowIndexRay ?? RAY)),
    priceWad: mulDivDown(valueWad, RAY, parRay),
    spotAt: (priceWad: bigint) => spotRayDown(mulDivDown(priceWad, parRay, RAY), parRay, matRay),
    dai,
  }
  return { ...vault, holdings: holdingsOf(ilk, vault, { gem, decimals, matRay }) }
}

function holdingsOf(
  ilk: MarketState,
  vault: Omit<Vault, 'holdings'>,
  { gem, decimals, matRay }: { gem: MarketState['asset']; decimals: number; matRay: bigint },
): Holding[] {
  const thresholdBps = (BPS * RAY) / matRay
  const chopBps = BigInt(String(ilk.state.chopWad ?? 0)) / 10n ** 14n
  const debtBalance = mulDivUp(vault.artWad, vault.rateRay, RAY)
  const nothing = { collateral: false, ltvBps: 0n, thresholdBps: 0n, bonusBps: BPS }
  const list: Holding[] = [
    {
      marketId: `${ilk.id}:${gem}`,
      asset: gem,
      supplyBalance: vault.inkWad / 10n ** BigInt(18 - decimals),
      debtBalance: 0n,
      ...{ collateral: true, ltvBps: thresholdBps, thresholdBps, bonusBps: chopBps < BPS ? BPS : chopBps },
      unit: 10n ** BigInt(decimals),
      price: vault.priceWad,
      priceSource: ilk.pool,
      debtValueAt: () => 0n,
    },
    {
      ...{ marketId: `${ilk.id}:${vault.dai}`, asset: vault.dai, supplyBalance: 0n, debtBalance, ...nothing },
      ...{ unit: WAD, price: WAD, priceSource: ilk.pool },
      debtValueAt: (price) => mulDivUp(debtBalance, price, WAD),
    },
  ]
  return list.filter((holding) => holding.supplyBalance > 0n || holding.debtBalance > 0n)
}

function account(input: RiskInput): LendingAccount | Incomplete {
  const vault = vaultOf(input)
  if ('incomplete' in vault) return vault
  const { holdings, dai, priceWad } = vault
  const base = { asset: holdings.length === 0 ? null : dai, decimals: 18 }
  return { ...totalsOf(holdings, healthFactorWad(vault, priceWad)), base, holdings }
}

function liquidationPrices(input: RiskInput): LiquidationPrice[] | Incomplete {
  const vault = vaultOf(input)
  if ('incomplete' in vault) return vault
  const isSafe = (priceWad: bigint) => healthFactorWad(vault, priceWad) >= WAD
  return vault.holdings
    .filter(({ collateral }) => collateral)
    .map(({ marketId, asset, price }) => ({
      marketId,
      asset,
      priceBase: price,
      liquidationPriceBase: greatestUnsafePrice(isSafe),
    }))
}

export const makerRisk: LendingRisk = { account, liquidationPrices }
