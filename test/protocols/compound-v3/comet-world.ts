/**
 * A comet's books kept by hand, and the logs its contract would emit for each operation, in the contract's order. Only a
 * generator of plausible histories: what it keeps is what the fold's answers are compared with.
 */
import { CHAINS } from '../../../src/chains/registry'
import type { Hex } from '../../../src/chains/types'
import { createContext, createMemoryState } from '../../../src/protocols/memory-state'
import type { RawLog } from '../../../src/protocols/types'
import { block, log, word } from '../../support/logs'
import { strictFold } from '../../support/strict-fold'

export const ethereum = CHAINS.ethereum!
export const COMET: Hex = '0xc3d688b66703497daa19211eedff47f25384cdc3'
export const CONFIGURATOR: Hex = '0x316f9708bb98af7da9c68c1c3b5e79039cd336e3'
export const USDC: Hex = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
export const WETH: Hex = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
export const WBTC: Hex = '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599'
export const FEED = {
  [USDC]: `0x${'f1'.repeat(20)}`,
  [WETH]: `0x${'f2'.repeat(20)}`,
  [WBTC]: `0x${'f3'.repeat(20)}`,
} as Record<Hex, Hex>
export const IMPLEMENTATION: Hex = `0x${'1a'.repeat(20)}`
export const poolId = `1:${COMET}`
export const baseId = `${poolId}:${USDC}`
export const START_SEC = 1_660_000_000

export const WAD = 10n ** 18n
const INDEX = 10n ** 15n
const YEAR = 31_536_000n
const ZERO: Hex = `0x${'0'.repeat(40)}`

const percent = (value: number) => BigInt(Math.round(value * 1e4)) * 10n ** 12n
/** Curves of the kind the USDC comet started with. */
export const CURVES = {
  supply: { kink: percent(80), low: percent(3.25), high: percent(40), base: 0n },
  borrow: { kink: percent(80), low: percent(3.5), high: percent(25), base: percent(1.5) },
}
export const STORE_FRONT = percent(50)

interface Asset {
  asset: Hex
  decimals: number
  borrowFactor: bigint
  liquidateFactor: bigint
  liquidationFactor: bigint
}

export const ASSETS: Asset[] = [
  {
    asset: WETH,
    decimals: 18,
    borrowFactor: percent(80),
    liquidateFactor: percent(82.5),
    liquidationFactor: percent(95),
  },
  {
    asset: WBTC,
    decimals: 8,
    borrowFactor: percent(70),
    liquidateFactor: percent(77),
    liquidationFactor: percent(93),
  },
]

export const assetWords = (entry: Asset, cap = 10n ** 30n): (bigint | Hex)[] => [
  entry.asset,
  FEED[entry.asset]!,
  BigInt(entry.decimals),
  entry.borrowFactor,
  entry.liquidateFactor,
  entry.liquidationFactor,
  cap,
]

function configurationWords(): (bigint | Hex)[] {
  const { supply, borrow } = CURVES
  const curves = [supply, borrow].flatMap(({ kink, low, high, base }) => [kink, low, high, base])
  const head = [ZERO, ZERO, USDC, FEED[USDC]!, ZERO, ...curves, STORE_FRONT, INDEX, 0n, 0n, 1n, 1n, 1n]
  return [
    ...head,
    BigInt((head.length + 1) * 32),
    BigInt(ASSETS.length),
    ...ASSETS.flatMap((asset) => assetWords(asset)),
  ]
}

/** Any configurator event about the comet, given its signature, further indexed arguments and words. */
export const configured = (signature: string, indexed: (bigint | Hex)[], words: (bigint | Hex)[]): RawLog =>
  at(log(CONFIGURATOR, signature, [COMET, ...indexed], words), START_SEC, 0)

const TUPLE = '(address,address,uint8,uint64,uint64,uint64,uint128)'
const CONFIGURATION = `(address,address,address,address,address,uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint64,uint104,uint104,uint104,${TUPLE}[])`

/** SetConfiguration, CometDeployed, Upgraded: how a comet comes to life. */
export function birth(): RawLog[] {
  const words = configurationWords()
  const size = BigInt(words.length * 32)
  const signature = `SetConfiguration(address,${CONFIGURATION},${CONFIGURATION})`
  return [configured(signature, [], [64n, 64n + size, ...words, ...words]), ...upgrade(IMPLEMENTATION)]
}

export function upgrade(implementation: Hex, nowSec = START_SEC, deployed = true): RawLog[] {
  const logs = [log(COMET, 'Upgraded(address)', [implementation], [])]
  if (deployed) logs.unshift(configured('CometDeployed(address,address)', [implementation], []))
  return logs.map((entry, i) => at(entry, nowSec, i))
}

function at(entry: RawLog, timestampSec: number, logIndex: number): RawLog {
  return { ...entry, block: block(1, 16_000_000, timestampSec), logIndex }
}

/** A fold over an empty state with everything covered. */
export function createFold() {
  const state = createMemoryState()
  const context = createContext(ethereum)
  return { state, context, fold: (...logs: RawLog[]) => strictFold(logs, state, context) }
}

const max = (a: bigint, b: bigint) => (a > b ? a : b)

/** A comet in operation. Every operation happens at its `nowSec`, in a transaction of its own. */
export function createComet() {
  const books = { supplyIndex: INDEX, borrowIndex: INDEX, supply: 0n, borrow: 0n, last: START_SEC }
  const principals = new Map<Hex, bigint>()
  let [nowSec, transactions] = [START_SEC, 0]

  function rate(curve: (typeof CURVES)['supply'], utilization: bigint): bigint {
    const [low, high, base] = [curve.low / YEAR, curve.high / YEAR, curve.base / YEAR]
    if (utilization <= curve.kink) return base + (low * utilization) / WAD
    return base + (low * curve.kink) / WAD + (high * (utilization - curve.kink)) / WAD
  }
  function accrue(): void {
    const elapsed = BigInt(nowSec - books.last)
    if (elapsed === 0n) return
    const supply = (books.supply * books.supplyIndex) / INDEX
    const utilization = supply === 0n ? 0n : (((books.borrow * books.borrowIndex) / INDEX) * WAD) / supply
    books.supplyIndex += (books.supplyIndex * (rate(CURVES.supply, utilization) * elapsed)) / WAD
    books.borrowIndex += (books.borrowIndex * (rate(CURVES.borrow, utilization) * elapsed)) / WAD
    books.last = nowSec
  }
  const principal = (account: Hex) => principals.get(account) ?? 0n
  const present = (value: bigint) =>
    value >= 0n ? (value * books.supplyIndex) / INDEX : -((-value * books.borrowIndex) / INDEX)
  const toPrincipal = (value: bigint) =>
    value >= 0n
      ? (value * INDEX) / books.supplyIndex
      : -((-value * INDEX + books.borrowIndex - 1n) / books.borrowIndex)
  /** Sets a principal; answers what of supply was made (positive) or ended. */
  function set(account: Hex, after: bigint): bigint {
    const before = principal(account)
    principals.set(account, after)
    const supplied = max(after, 0n) - max(before, 0n)
    books.supply += supplied
    books.borrow += max(-after, 0n) - max(-before, 0n)
    return supplied
  }
  function emitted(...logs: RawLog[]): RawLog[] {
    const txHash: Hex = `0x${word(++transactions)}`
    return logs.map((entry, i) => ({ ...at(entry, nowSec, 10 + i), txHash }))
  }
  const transferLog = (account: Hex, supplied: bigint): RawLog[] =>
    supplied === 0n
      ? []
      : [
          log(COMET, 'Transfer(address,address,uint256)', supplied > 0n ? [ZERO, account] : [account, ZERO], [
            present(max(supplied, -supplied)),
          ]),
        ]

  return {
    books,
    principals,
    principal,
    present,
    wait(seconds: number) {
      nowSec += seconds
    },
    now: () => nowSec,
    /** accrueAccount: changes the indexes, emits nothing. */
    poke: accrue,
    supply(account: Hex, amount: bigint): RawLog[] {
      accrue()
      const supplied = set(account, toPrincipal(present(principal(account)) + amount))
      return emitted(
        log(COMET, 'Supply(address,address,uint256)', [account, account], [amount]),
        ...transferLog(account, supplied),
      )
    },
    withdraw(account: Hex, amount: bigint): RawLog[] {
      accrue()
      const supplied = set(account, toPrincipal(present(principal(account)) - amount))
      return emitted(
        log(COMET, 'Withdraw(address,address,uint256)', [account, account], [amount]),
        ...transferLog(account, supplied),
      )
    },
    transfer(from: Hex, to: Hex, amount: bigint): RawLog[] {
      accrue()
      const ended = set(from, toPrincipal(present(principal(from)) - amount))
      const made = set(to, toPrincipal(present(principal(to)) + amount))
      return emitted(...transferLog(from, ended), ...transferLog(to, made))
    },
    /** `credit`: what the collateral is worth to the comet, in base units. */
    absorb(account: Hex, credit: bigint): RawLog[] {
      accrue()
      const before = present(principal(account))
      const after = max(before + credit, 0n)
      const newPrincipal = toPrincipal(after)
      set(account, newPrincipal)
      const debt = log(
        COMET,
        'AbsorbDebt(address,address,uint256,uint256)',
        [ZERO, account],
        [after - before, 0n],
      )
      return emitted(debt, ...transferLog(account, max(newPrincipal, 0n)))
    },
  }
}

/** A collateral event of the comet. */
export function collateral(
  kind: 'Supply' | 'Withdraw' | 'Transfer',
  from: Hex,
  to: Hex,
  asset: Hex,
  amount: bigint,
): RawLog {
  return at(
    log(COMET, `${kind}Collateral(address,address,address,uint256)`, [from, to, asset], [amount]),
    START_SEC,
    5,
  )
}
