/**
 * MakerDAO's ETH-B vaults hour by hour: their positions are known, so the rule can be held against what happened.
 *
 *   health = collateral · price / (debt · liquidation ratio)        below 1 the vault can be liquidated
 *
 * At every hour the state is that of before it, and the price is the one that the protocol's delayed module shows then,
 * taken from an exchange because the feed's own values are not in the set. Judged by vault and day: was a day with health
 * below 1 a day with a liquidation? Bad debt is the rule's, at the first hour below 1 (rules/liquidation.ts).
 *
 * The files do not hold every call that moves collateral or debt. The protocol lets nobody borrow or withdraw into a health
 * below 1, so a vault that seems to have done it is not what the files say: it is incomplete until its debt is gone.
 */
import { type Interval, quantileOfSorted, seededRandom } from '../../math/statistics'
import type { PriceHistory } from '../../models/credit/prices'
import type { VaultState } from '../../models/credit/vault'
import { shortfall } from '../rules/liquidation'
import type { LiquidationTerms } from '../rules/terms'
import { agreementOf, type HitAgreement } from './agreement'
import { lastAt } from './series'

const DAY_SEC = 86_400
const HOUR_SEC = 3_600
/** Below this a vault is dust that nobody pays gas for. */
const LEAST_DEBT_DAI = 100
/** Below 1 by more than the exchange's price may differ from the feed's. */
const IMPOSSIBLE_HEALTH = 0.95

export interface MakerReplayInput {
  vaults: ReadonlyMap<string, readonly VaultState[]>
  growth: (timeSec: number) => number
  ratio: (timeSec: number) => number
  prices: PriceHistory
  terms: (timeSec: number) => LiquidationTerms
  fromSec: number
  untilSec: number
}

/** One vault on one day on which it had debt. */
export interface VaultDay {
  vault: string
  day: number
  leastHealth: number
  isLiquidated: boolean
  /** Its owner paid in or back within the hour after the first below 1. */
  isRescued: boolean
  /** The vault's own history contradicts the protocol's rules. */
  isIncomplete: boolean
  /** Debt that the rule leaves uncovered at the first hour below 1; 0 on other days. */
  badDebtDai: number
  /** Seconds from the first hour below 1 to the first liquidation; null where one of them is missing. */
  delaySec: number | null
}

/** Every vault-day with debt. Linear in vaults × hours. */
export function vaultDays(input: MakerReplayInput): VaultDay[] {
  return [...input.vaults].flatMap(([vault, states]) => daysOf(vault, states, input))
}

function daysOf(vault: string, states: readonly VaultState[], input: MakerReplayInput): VaultDay[] {
  const days = new Map<number, VaultDay & { firstBelowSec: number | null }>()
  const dayAt = (timeSec: number) => {
    const day = Math.floor(timeSec / DAY_SEC)
    const found = days.get(day) ?? {
      ...{ vault, day, leastHealth: Number.POSITIVE_INFINITY, isLiquidated: false, badDebtDai: 0 },
      ...{ isRescued: false, isIncomplete: false, delaySec: null, firstBelowSec: null },
    }
    days.set(day, found)
    return found
  }
  const contradictions = contradictionsOf(states, input)
  let next = 0
  for (const { timeSec, value: price } of input.prices.points) {
    if (timeSec < input.fromSec || timeSec > input.untilSec) continue
    // An hour's own liquidations are what it must predict: only what came before counts.
    while (next < states.length && states[next]!.timeSec < timeSec) next++
    const state = states[next - 1]
    const debt = state === undefined ? 0 : state.debtShares * input.growth(timeSec)
    if (state === undefined || debt < LEAST_DEBT_DAI) continue
    const health = (state.collateralEth * price) / (debt * input.ratio(timeSec))
    const day = dayAt(timeSec)
    day.leastHealth = Math.min(day.leastHealth, health)
    if (contradictions[next - 1] === 1) day.isIncomplete = true
    if (health >= 1 || day.firstBelowSec !== null) continue
    day.firstBelowSec = timeSec
    day.badDebtDai = shortfall({ collateral: state.collateralEth, price, debt }, input.terms(timeSec))
  }
  for (const { kind, timeSec } of states) {
    if (kind !== 'deposit' && kind !== 'repay') continue
    const day = days.get(Math.floor(timeSec / DAY_SEC))
    if (day === undefined || day.firstBelowSec === null) continue
    day.isRescued ||= timeSec >= day.firstBelowSec && timeSec <= day.firstBelowSec + HOUR_SEC
  }
  for (const { kind, timeSec } of states) {
    if (kind !== 'liquidation' || timeSec < input.fromSec || timeSec > input.untilSec) continue
    const day = dayAt(timeSec)
    if (!day.isLiquidated && day.firstBelowSec !== null) day.delaySec = timeSec - day.firstBelowSec
    day.isLiquidated = true
  }
  return [...days.values()].map(({ firstBelowSec: _, ...day }) => day)
}

/** For every state whether the history up to it contradicts the rules: 1 from such an act until the debt is gone. */
function contradictionsOf(states: readonly VaultState[], input: MakerReplayInput): Uint8Array {
  const marks = new Uint8Array(states.length)
  let isIncomplete = false
  let start = 0
  while (start < states.length) {
    let end = start
    while (end + 1 < states.length && states[end + 1]!.timeSec === states[start]!.timeSec) end++
    // Acts of one moment belong together: a withdrawal may be paid for in the same transaction.
    const { timeSec, collateralEth, debtShares } = states[end]!
    const debt = debtShares * input.growth(timeSec)
    const isAct = states.slice(start, end + 1).some(({ kind }) => kind === 'withdraw' || kind === 'borrow')
    const point = lastAt(input.prices.points, timeSec)
    if (debt < LEAST_DEBT_DAI) isIncomplete = false
    else if (isAct && point !== undefined)
      isIncomplete ||= collateralEth * point.value < IMPOSSIBLE_HEALTH * debt * input.ratio(timeSec)
    marks.fill(Number(isIncomplete), start, end + 1)
    start = end + 1
  }
  return marks
}

export interface MakerAgreement {
  /** Prices are shifted by this factor, to see how much hangs on the exchange's price not being the feed's. */
  priceFactor: number
  hits: HitAgreement
  /** By drawing whole vaults. */
  precision: Interval
  recall: Interval
}

const DRAWS = 2_000
const SEED = 20_211

/** Precision and recall of "health below 1 on that day" by vault and day. */
export function judgeVaultDays(days: readonly VaultDay[], priceFactor: number): MakerAgreement {
  const counts = new Map<string, { predicted: number; happened: number; both: number }>()
  for (const { vault, leastHealth, isLiquidated } of days) {
    const one = counts.get(vault) ?? { predicted: 0, happened: 0, both: 0 }
    const isPredicted = leastHealth * priceFactor < 1
    one.predicted += Number(isPredicted)
    one.happened += Number(isLiquidated)
    one.both += Number(isPredicted && isLiquidated)
    counts.set(vault, one)
  }
  const list = [...counts.values()]
  const sum = (rows: readonly (typeof list)[number][]) =>
    rows.reduce(
      (total, one) => ({
        predicted: total.predicted + one.predicted,
        happened: total.happened + one.happened,
        both: total.both + one.both,
      }),
      { predicted: 0, happened: 0, both: 0 },
    )
  const random = seededRandom(SEED)
  const [precisions, recalls]: [number[], number[]] = [[], []]
  for (let draw = 0; draw < DRAWS; draw++) {
    const drawn = sum(list.map(() => list[Math.floor(random() * list.length)]!))
    if (drawn.predicted > 0) precisions.push(drawn.both / drawn.predicted)
    if (drawn.happened > 0) recalls.push(drawn.both / drawn.happened)
  }
  return {
    priceFactor,
    hits: agreementOf(sum(list)),
    precision: middle95(precisions),
    recall: middle95(recalls),
  }
}

function middle95(values: number[]): Interval {
  values.sort((a, b) => a - b)
  return { low: quantileOfSorted(values, 0.025), high: quantileOfSorted(values, 0.975) }
}
