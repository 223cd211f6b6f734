/**
 * What a liquidation does, as `liquidationCall` of Aave V2 and V3 reckons it: how much debt may be covered, what the
 * liquidator receives for it, what of the bonus goes to the protocol, and which debt is written off.
 *
 *   V2:            at most half of the account's debt in the asset.
 *   V3 revision 1: half of it while the health factor is above 0.95, else all of it.
 *   Revisions 9 on: all of it, unless collateral and debt are both worth 2,000 and health is above 0.95: then half of
 *                  the account's whole debt. What is left of either must be worth 1,000 or nothing. When no collateral
 *                  remains, all remaining debt becomes the reserves' deficit.
 *   seized = base · bonus, base = ⌊debt price · covered · collateral unit / (collateral price · debt unit)⌋; limited to
 *   the balance, with the debt reduced to match. Rounding to nearest, but for revision 11, which rounds against the
 *   liquidator; its zero of collateral is told by scaled balances.
 */
import type { Hex } from '../../chains/types'
import { BPS, divRayUp, mulBpsHalfUp, mulDivDown, mulDivHalfUp, mulDivUp, WAD } from '../../math/fixed-point'
import type { Holding, Incomplete } from '../lending-risk'
import { holdingsOf, indexesAt } from './holdings'
import { type AccountDataInput, accountData } from './risk'
import { type Rules, rulesOf } from './rules'

export interface LiquidationRequest {
  collateralAsset: Hex
  debtAsset: Hex
  /** Most that the liquidator will pay, in base units of the debt. */
  debtToCover: bigint
}

export interface Liquidation {
  debtCovered: bigint
  /** To the liquidator, in base units of the collateral. */
  collateralSeized: bigint
  /** To the treasury, beside that. */
  protocolFee: bigint
  /** Debt written off, by asset, in base units. */
  deficits: ReadonlyMap<Hex, bigint>
}

/** Why the pool would not do it. */
export interface Refused {
  refused: string
}

const CLOSE_FACTOR_HEALTH_WAD = (95n * WAD) / 100n
const HALF_BPS = 5_000n
const SMALL_POSITION_BASE = 2_000n * 10n ** 8n
const LEAST_LEFTOVER_BASE = SMALL_POSITION_BASE / 2n

/** The outcome of a liquidation at this block, or why there is none. */
export function liquidation(
  input: AccountDataInput,
  request: LiquidationRequest,
): Liquidation | Refused | Incomplete {
  const rules = rulesOf(input.revision, input.protocol)
  if (rules === undefined) return { incomplete: `liquidation of pool revision ${input.revision} is unknown` }
  const holdings = holdingsOf(input)
  if ('incomplete' in holdings) return holdings
  const totals = accountData(input)
  if ('incomplete' in totals) return totals
  const collateral = holdings.list.find(({ asset }) => asset === request.collateralAsset)
  const debt = holdings.list.find(({ asset }) => asset === request.debtAsset)
  const refusal = refusalOf(input, collateral, debt, totals.healthFactorWad)
  if (refusal !== undefined) return { refused: refusal }
  const parties = { collateral: collateral as Holding, debt: debt as Holding }
  const limit = mostDebt(rules, parties, totals)
  const asked = request.debtToCover < limit ? request.debtToCover : limit
  const feeBps = BigInt(
    Number(input.markets.get(parties.collateral.marketId)?.state.liquidationProtocolFeeBps ?? 0),
  )
  const seizure = seize(rules, { ...parties, asked, feeBps })
  if (leavesDust(rules, parties, seizure)) return { refused: 'would leave too little debt or collateral' }
  const emptied = takesAll(rules, input, { ...parties, seizure, total: totals.totalCollateralBase })
  const { debtCovered, collateralSeized, protocolFee } = seizure
  return {
    debtCovered,
    collateralSeized,
    protocolFee,
    deficits: deficitsOf(emptied, holdings.list, parties.debt, debtCovered),
  }
}

interface Parties {
  collateral: Holding
  debt: Holding
}

interface Seizure {
  debtCovered: bigint
  collateralSeized: bigint
  protocolFee: bigint
}

function refusalOf(
  input: AccountDataInput,
  collateral: Holding | undefined,
  debt: Holding | undefined,
  healthFactorWad: bigint,
): string | undefined {
  for (const holding of [collateral, debt]) {
    const state = holding && input.markets.get(holding.marketId)?.state
    if (state?.active === false) return 'a reserve is not active'
    if (state?.paused === true) return 'a reserve is paused'
    if (Number(state?.liquidationGraceUntilSec ?? 0) >= input.timestampSec && state?.liquidationGraceUntilSec)
      return 'a reserve is in its grace period'
  }
  if (healthFactorWad >= WAD) return 'the account is healthy'
  if (collateral === undefined || !collateral.collateral) return 'the collateral is not the account’s'
  if (debt === undefined || debt.debtBalance === 0n) return 'the account does not owe the asset'
  return undefined
}

function mostDebt(
  rules: Rules,
  { collateral, debt }: Parties,
  totals: { healthFactorWad: bigint; totalDebtBase: bigint },
): bigint {
  const whole = debt.debtBalance
  if (rules.liquidation === 'halfOfAsset') return mulBpsHalfUp(whole, HALF_BPS)
  const healthy = totals.healthFactorWad > CLOSE_FACTOR_HEALTH_WAD
  if (rules.liquidation === 'halfOrAll') return mulBpsHalfUp(whole, healthy ? HALF_BPS : BPS)
  const debtBase = debt.debtValueAt(debt.price)
  const collateralBase = mulDivDown(collateral.supplyBalance, collateral.price, collateral.unit)
  if (!healthy || debtBase < SMALL_POSITION_BASE || collateralBase < SMALL_POSITION_BASE) return whole
  const half = mulBpsHalfUp(totals.totalDebtBase, HALF_BPS)
  return debtBase > half ? mulDivDown(half, debt.unit, debt.price) : whole
}

function seize(
  rules: Rules,
  { collateral, debt, asked, feeBps }: Parties & { asked: bigint; feeBps: bigint },
): Seizure {
  const directed = rules.liquidation === 'halfOfAccountDirected'
  const bonus = collateral.bonusBps
  const most = collateralFor(rules, { collateral, debt, asked })
  const all = most > collateral.supplyBalance
  const amount = all ? collateral.supplyBalance : most
  const worth = mulDivDown(collateral.price * amount, debt.unit, debt.price * collateral.unit)
  const up = rules.liquidation === 'halfOfAccount' || directed
  const needed = !all ? asked : up ? mulDivUp(worth, BPS, bonus) : mulDivHalfUp(worth, BPS, bonus)
  const debtCovered = rules.liquidation === 'halfOfAsset' && needed > asked ? asked : needed
  if (feeBps === 0n || rules.liquidation === 'halfOfAsset')
    return { debtCovered, collateralSeized: amount, protocolFee: 0n }
  const withoutBonus = directed ? mulDivDown(amount, BPS, bonus) : mulDivHalfUp(amount, BPS, bonus)
  const gain = amount - withoutBonus
  const protocolFee = directed ? mulDivUp(gain, feeBps, BPS) : mulBpsHalfUp(gain, feeBps)
  return { debtCovered, collateralSeized: amount - protocolFee, protocolFee }
}

/** Collateral, bonus included, for an amount of debt. V2 applies the bonus before it divides by the price. */
function collateralFor(rules: Rules, { collateral, debt, asked }: Parties & { asked: bigint }): bigint {
  const [worth, per] = [debt.price * asked * collateral.unit, collateral.price * debt.unit]
  if (rules.liquidation === 'halfOfAsset') return mulBpsHalfUp(worth, collateral.bonusBps) / per
  if (rules.liquidation === 'halfOfAccountDirected') return mulDivDown(worth / per, collateral.bonusBps, BPS)
  return mulBpsHalfUp(worth / per, collateral.bonusBps)
}

function leavesDust(rules: Rules, { collateral, debt }: Parties, seizure: Seizure): boolean {
  if (rules.liquidation === 'halfOfAsset' || rules.liquidation === 'halfOrAll') return false
  const debtLeft = debt.debtBalance - seizure.debtCovered
  const collateralLeft = collateral.supplyBalance - seizure.collateralSeized - seizure.protocolFee
  if (debtLeft <= 0n || collateralLeft <= 0n) return false
  return (
    mulDivUp(debtLeft, debt.price, debt.unit) < LEAST_LEFTOVER_BASE ||
    mulDivDown(collateralLeft, collateral.price, collateral.unit) < LEAST_LEFTOVER_BASE
  )
}

/** Whether no collateral of any kind remains, so that debt is written off. */
function takesAll(
  rules: Rules,
  input: AccountDataInput,
  { collateral, seizure, total }: Parties & { seizure: Seizure; total: bigint },
): boolean {
  if (rules.liquidation === 'halfOfAsset' || rules.liquidation === 'halfOrAll') return false
  const taken = seizure.collateralSeized + seizure.protocolFee
  const base = (amount: bigint) => mulDivDown(amount, collateral.price, collateral.unit)
  if (rules.liquidation === 'halfOfAccount') return base(taken) === total
  const market = input.markets.get(collateral.marketId)
  const position = input.positions.find(({ marketId }) => marketId === collateral.marketId)
  if (market === undefined || position === undefined) return false
  const { liquidityIndexRay } = indexesAt(market, rules, input.timestampSec)
  const burned = divRayUp(seizure.collateralSeized, liquidityIndexRay)
  const scaled = burned + divRayUp(seizure.protocolFee, liquidityIndexRay)
  const consumed = scaled < position.scaledSupply ? scaled : position.scaledSupply
  return base(rules.supplyBalance(consumed, liquidityIndexRay)) === total
}

function deficitsOf(
  emptied: boolean,
  list: readonly Holding[],
  debt: Holding,
  debtCovered: bigint,
): ReadonlyMap<Hex, bigint> {
  const deficits = new Map<Hex, bigint>()
  if (!emptied) return deficits
  for (const holding of list) {
    const left = holding === debt ? holding.debtBalance - debtCovered : holding.debtBalance
    if (left > 0n) deficits.set(holding.asset, left)
  }
  return deficits
}
