/**
 * Random actors of an Aave lab, and the comparison of indexed state with the pool's own answers. Each round one actor
 * does one thing, or a price moves; liquidations are foretold before they are sent.
 */
import { type Address, encodeFunctionData, maxUint256, parseAbi } from 'viem'
import { type Liquidation, liquidation } from '../../src/protocols/aave-v3/liquidation'
import { aaveInput } from '../../src/protocols/aave-v3/risk'
import type { LendingRisk } from '../../src/protocols/lending-risk'
import type { RunningLab } from './aave-lab'

const FEED_ABI = parseAbi(['function setAnswer(int256)', 'function latestAnswer() view returns (int256)'])
const SCALED_ABI = parseAbi([
  'function scaledBalanceOf(address) view returns (uint256)',
  'function scaledTotalSupply() view returns (uint256)',
])

export interface Tally {
  reads: number
  withDebt: number
  unhealthy: number
  done: Record<string, number>
  liquidations: number
  refusals: number
  deficits: number
}

export interface Driver {
  lab: RunningLab
  risk: LendingRisk
  random: () => number
  tally: Tally
}

export const emptyTally = (): Tally => ({
  reads: 0,
  withDebt: 0,
  unhealthy: 0,
  done: {},
  liquidations: 0,
  refusals: 0,
  deficits: 0,
})

const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

/** One random thing; what the pool refuses is refused. `afterSec` up to a month, so that interest is felt. */
export async function act(driver: Driver): Promise<void> {
  const { lab, random, tally } = driver
  const user = pick(random, lab.users)
  const index = Math.floor(random() * lab.tokens.length)
  const token = lab.tokens[index] as Address
  const afterSec = 1 + Math.floor(random() ** 4 * 2_600_000)
  const { perWhole, unit, price } = worthOf(lab, index)
  // Worth a few hundred to some forty thousand dollars, with a tail of odd base units.
  const amount =
    (unit * perWhole * BigInt(200 + Math.floor(random() ** 2 * 40_000))) / price +
    BigInt(Math.floor(random() * 1e6))
  const kind = pick(random, KINDS)
  const to = (data: `0x${string}`, target: Address = lab.pool) => lab.send(user, target, data, afterSec)
  const rateMode = () => (lab.protocol === 'aave-v2' && random() < 0.3 ? 1n : 2n)
  const supply = lab.protocol === 'aave-v2' ? 'deposit' : 'supply'
  const calls: Record<(typeof KINDS)[number], () => Promise<{ ok: boolean }>> = {
    supply: () => to(lab.poolCall(supply, [token, amount, user, 0])),
    borrow: async () =>
      to(lab.poolCall('borrow', [token, await mostOf(driver, user, index), rateMode(), 0, user])),
    repay: () =>
      to(lab.poolCall('repay', [token, random() < 0.3 ? maxUint256 : amount / 3n, rateMode(), user])),
    withdraw: () => to(lab.poolCall('withdraw', [token, random() < 0.3 ? maxUint256 : amount / 4n, user])),
    toggle: () => to(lab.poolCall('setUserUseReserveAsCollateral', [token, random() < 0.5])),
    transfer: () => {
      const aToken = lab.chain.state.market(marketId(lab, token))?.state.aToken as Address
      return to(lab.tokenCall('transfer', [pick(random, lab.users), amount / 7n]), aToken)
    },
    price: () => movePrice(driver, index),
  }
  const { ok } = await calls[kind]()
  if (ok) tally.done[kind] = (tally.done[kind] ?? 0) + 1
}

/** A whole token's base units, the oracle's unit for a dollar, and the token's price in it. */
function worthOf(lab: RunningLab, index: number): { unit: bigint; perWhole: bigint; price: bigint } {
  const token = lab.tokens[index] as Address
  const unit = 10n ** BigInt(Number(lab.chain.state.market(marketId(lab, token))?.state.decimals))
  const perWhole = lab.base === null ? 10n ** 8n : 10n ** 18n / 3_000n
  const feed = lab.chain.state.prices.get(`${token}|protocol|${lab.feeds[index]}`)
  return { unit, perWhole, price: token === lab.base ? 10n ** 18n : (feed?.answer ?? 1n) }
}

/** Between 60 and 100 % of what the pool lets an account borrow, in base units of an asset. */
async function mostOf({ lab, random }: Driver, user: Address, index: number): Promise<bigint> {
  const answer = (await lab.client.readContract({
    address: lab.pool,
    abi: lab.poolAbi,
    functionName: 'getUserAccountData',
    args: [user],
  })) as readonly bigint[]
  const { unit, price } = worthOf(lab, index)
  const share = BigInt(600 + Math.floor(random() * 399))
  return ((answer[2] as bigint) * share * unit) / 1_000n / price + 1n
}

const KINDS = [
  'supply',
  'supply',
  'borrow',
  'borrow',
  'repay',
  'withdraw',
  'toggle',
  'transfer',
  'price',
  'price',
] as const

export function marketId(lab: RunningLab, token: Address): string {
  return `${lab.chain.chain.id}:${lab.pool}:${token}`
}

async function movePrice({ lab, random }: Driver, index: number): Promise<{ ok: boolean }> {
  const feed = lab.feeds[index] as Address
  const now = await lab.client.readContract({ address: feed, abi: FEED_ABI, functionName: 'latestAnswer' })
  const next = (now * BigInt(550 + Math.floor(random() * 950))) / 1_000n + 1n
  const data = encodeFunctionData({ abi: FEED_ABI, functionName: 'setAnswer', args: [next] })
  return lab.send(lab.admin, feed, data, 1)
}

/** Every account's totals against `getUserAccountData`, at the head; throws on the first difference. */
export async function compareAccounts({ lab, risk, tally }: Driver): Promise<void> {
  const { timestamp } = await lab.client.getBlock()
  for (const user of lab.users) {
    const mine = risk.account(lab.riskInput(user, Number(timestamp)))
    const answer = (await lab.client.readContract({
      address: lab.pool,
      abi: lab.poolAbi,
      functionName: 'getUserAccountData',
      args: [user],
    })) as readonly bigint[]
    const [collateral, debt, , threshold, ltv, health] = answer as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ]
    if ('incomplete' in mine) {
      // An account that never did anything has no market to say what the oracle reckons in.
      if (collateral === 0n && debt === 0n && lab.riskInput(user, 0).positions.length === 0) continue
      throw new Error(`${user}: ${mine.incomplete}`)
    }
    const told = [
      mine.totalCollateralBase,
      mine.totalDebtBase,
      mine.currentLiquidationThresholdBps,
      mine.ltvBps,
      mine.healthFactorWad,
    ]
    const want = [collateral, debt, threshold, ltv, health]
    if (told.some((value, index) => value !== want[index])) throw new Error(`${user}: ${told} is not ${want}`)
    tally.reads++
    if (debt > 0n) tally.withDebt++
    if (debt > 0n && health < 10n ** 18n) tally.unhealthy++
  }
}

/** Tries to liquidate each unhealthy account, and holds the pool's doing against what was foretold. */
export async function liquidateSome(driver: Driver): Promise<void> {
  const { lab, random, tally } = driver
  const afterSec = 1 + Math.floor(random() * 20_000)
  for (const user of lab.users) {
    const input = aaveInput(lab.protocol, lab.riskInput(user, lab.nextTimeSec(afterSec)))
    if ('incomplete' in input) continue
    const held = (side: 'supply' | 'debt') =>
      lab.tokens.filter((token) => {
        const position = lab.chain.state.position(user, marketId(lab, token))
        return side === 'supply' ? (position?.scaledSupply ?? 0n) > 0n : (position?.scaledDebt ?? 0n) > 0n
      })
    const [collaterals, debts] = [held('supply'), held('debt')]
    if (collaterals.length === 0 || debts.length === 0) continue
    const request = {
      collateralAsset: pick(random, collaterals),
      debtAsset: pick(random, debts),
      debtToCover: random() < 0.6 ? 2n ** 200n : BigInt(Math.floor(random() * 1e9)) + 1n,
    }
    const foretold = liquidation(input, request)
    if ('refused' in foretold && foretold.refused === 'the account is healthy') continue
    if ('incomplete' in foretold) throw new Error(foretold.incomplete)
    const liquidator = lab.users.find((other) => other !== user) as Address
    const { collateralAsset, debtAsset, debtToCover } = request
    const receive = random() < 0.3
    const data = lab.poolCall('liquidationCall', [collateralAsset, debtAsset, user, debtToCover, receive])
    const sent = await lab.send(liquidator, lab.pool, data, afterSec)
    if ('refused' in foretold) {
      if (sent.ok) throw new Error(`the pool did what it was foretold to refuse: ${foretold.refused}`)
      tally.refusals++
    } else if (sent.ok) assertSame(foretold, sent, tally)
    return
  }
}

function assertSame(
  foretold: Liquidation,
  sent: {
    liquidation?: { debtCovered: bigint; collateralSeized: bigint }
    deficits: Map<`0x${string}`, bigint>
  },
  tally: Tally,
): void {
  const [told, did] = [
    [foretold.debtCovered, foretold.collateralSeized, ...[...foretold.deficits].sort().flat()],
    [sent.liquidation?.debtCovered, sent.liquidation?.collateralSeized, ...[...sent.deficits].sort().flat()],
  ]
  if (String(told) !== String(did)) throw new Error(`liquidation foretold ${told}, done ${did}`)
  tally.liquidations++
  if (sent.deficits.size > 0) tally.deficits++
}

/** Positions against the tokens: each scaled balance, and their sum against the supply; the deficits of the pool. */
export async function compareTokens({ lab }: Driver): Promise<number> {
  let compared = 0
  for (const token of lab.tokens) {
    const market = lab.chain.state.market(marketId(lab, token))
    for (const side of ['aToken', 'variableDebtToken'] as const) {
      const address = market?.state[side] as Address
      const read = (
        functionName: 'scaledBalanceOf' | 'scaledTotalSupply',
        args: readonly [Address] | readonly [],
      ) =>
        lab.client.readContract({ address, abi: SCALED_ABI, functionName, args } as never) as Promise<bigint>
      let sum = 0n
      for (const account of lab.chain.holders(lab.pool)) {
        const position = lab.chain.state.position(account, marketId(lab, token))
        const scaled = (side === 'aToken' ? position?.scaledSupply : position?.scaledDebt) ?? 0n
        if (scaled !== (await read('scaledBalanceOf', [account])))
          throw new Error(`${account} holds otherwise of ${side}`)
        if (scaled < 0n) throw new Error(`${account} holds less than nothing`)
        sum += scaled
        compared++
      }
      if (sum !== (await read('scaledTotalSupply', [])))
        throw new Error(`${side} of ${token}: parts are not the whole`)
    }
  }
  return compared
}
