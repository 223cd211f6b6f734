/**
 * The arithmetic of one Morpho market, written from the contract's source and sharing nothing with ours: it runs random acts
 * and writes down the logs that the contract would have emitted. Health is not asked; impossible acts are left out.
 */
import type { Hex } from '../../src/chains/types'
import type { RawLog } from '../../src/protocols/types'
import { block, log } from './logs'

/** What is done (0 … 9), by whom (0 … 2), and how much of it (0 … 1000). */
export type Act = readonly [kind: number, user: number, size: number]

interface Holding {
  supply: bigint
  debt: bigint
  collateral: bigint
}

interface Model {
  supplyAssets: bigint
  supplyShares: bigint
  borrowAssets: bigint
  borrowShares: bigint
  fees: Holding
}

/** Signature, indexed addresses after the market's id, data words. */
type Emitted = [signature: string, indexed: Hex[], words: (bigint | Hex)[]]
type Doing = (model: Model, own: Holding, user: Hex, size: bigint) => Emitted | undefined

const ceil = (a: bigint, b: bigint) => (a + b - 1n) / b
const virtual = (model: Model) => ({
  supply: { assets: model.supplyAssets + 1n, shares: model.supplyShares + 1_000_000n },
  borrow: { assets: model.borrowAssets + 1n, shares: model.borrowShares + 1_000_000n },
})

const supply: Doing = (model, own, user, size) => {
  const { assets, shares: all } = virtual(model).supply
  const amount = size * 1_000_000n
  const shares = (amount * all) / assets
  model.supplyAssets += amount
  model.supplyShares += shares
  own.supply += shares
  return ['Supply(bytes32,address,address,uint256,uint256)', [user, user], [amount, shares]]
}

const withdraw: Doing = (model, own, user, size) => {
  const shares = (own.supply * size) / 1_000n
  const { assets: all, shares: allShares } = virtual(model).supply
  const assets = (shares * all) / allShares
  if (model.supplyAssets - assets < model.borrowAssets) return undefined
  model.supplyAssets -= assets
  model.supplyShares -= shares
  own.supply -= shares
  const signature = 'Withdraw(bytes32,address,address,address,uint256,uint256)'
  return [signature, [user, user], [user, assets, shares]]
}

const borrow: Doing = (model, own, user, size) => {
  const amount = size * 1_000_000n
  if (model.borrowAssets + amount > model.supplyAssets) return undefined
  const { assets, shares: all } = virtual(model).borrow
  const shares = ceil(amount * all, assets)
  model.borrowAssets += amount
  model.borrowShares += shares
  own.debt += shares
  return ['Borrow(bytes32,address,address,address,uint256,uint256)', [user, user], [user, amount, shares]]
}

/** Takes a share of the debt off the books; may ask for one more than all that is borrowed. */
function payBack(model: Model, own: Holding, size: bigint): { assets: bigint; shares: bigint } {
  const shares = (own.debt * size) / 1_000n
  const { assets: all, shares: allShares } = virtual(model).borrow
  const assets = ceil(shares * all, allShares)
  model.borrowAssets -= assets < model.borrowAssets ? assets : model.borrowAssets
  model.borrowShares -= shares
  own.debt -= shares
  return { assets, shares }
}

const repay: Doing = (model, own, user, size) => {
  const { assets, shares } = payBack(model, own, size)
  return ['Repay(bytes32,address,address,uint256,uint256)', [user, user], [assets, shares]]
}

const supplyCollateral: Doing = (_model, own, user, size) => {
  own.collateral += size
  return ['SupplyCollateral(bytes32,address,address,uint256)', [user, user], [size]]
}

const withdrawCollateral: Doing = (_model, own, user, size) => {
  const gone = (own.collateral * size) / 1_000n
  own.collateral -= gone
  return ['WithdrawCollateral(bytes32,address,address,address,uint256)', [user, user], [user, gone]]
}

const accrue: Doing = (model, _own, _user, size) => {
  const interest = (model.borrowAssets * size) / 10_000n
  const fee = interest / 10n
  const { assets, shares } = virtual(model).supply
  const feeShares = (fee * shares) / (assets + interest - fee)
  model.borrowAssets += interest
  model.supplyAssets += interest
  model.supplyShares += feeShares
  model.fees.supply += feeShares
  return ['AccrueInterest(bytes32,uint256,uint256,uint256)', [], [1n, interest, feeShares]]
}

const liquidate: Doing = (model, own, user, size) => {
  const { assets, shares } = payBack(model, own, size)
  const seized = size > 500n ? own.collateral : own.collateral / 2n
  own.collateral -= seized
  const badShares = own.collateral === 0n ? own.debt : 0n
  const owed = ceil(badShares * (model.borrowAssets + 1n), model.borrowShares + 1_000_000n)
  const badAssets = owed < model.borrowAssets ? owed : model.borrowAssets
  model.borrowAssets -= badAssets
  model.supplyAssets -= badAssets
  model.borrowShares -= badShares
  own.debt -= badShares
  const words = [assets, shares, seized, badAssets, badShares]
  const signature = 'Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)'
  return [signature, [user, user], words]
}

const DOINGS: readonly Doing[] = [
  supply,
  supply,
  withdraw,
  borrow,
  borrow,
  repay,
  supplyCollateral,
  withdrawCollateral,
  accrue,
  liquidate,
]

export interface Cast {
  morpho: Hex
  market: Hex
  users: readonly Hex[]
  fees: Hex
}

/** The logs of a market's life, its totals at the end, and what each account then holds: supply, debt, collateral. */
export function liveThrough(life: readonly Act[], { morpho, market, users, fees }: Cast) {
  const logs: RawLog[] = []
  const nothing = (): Holding => ({ supply: 0n, debt: 0n, collateral: 0n })
  const held = new Map<Hex, Holding>([...users, fees].map((user) => [user, nothing()]))
  const zero = { supplyAssets: 0n, supplyShares: 0n, borrowAssets: 0n, borrowShares: 0n }
  const model: Model = { ...zero, fees: held.get(fees)! }
  life.forEach(([kind, who, size], n) => {
    const user = users[who]!
    const emitted = DOINGS[kind]!(model, held.get(user)!, user, BigInt(size))
    if (emitted === undefined) return
    const [signature, indexed, words] = emitted
    const at = { block: block(31337, 100 + n, 1_700_000_000 + n * 12), logIndex: n }
    logs.push(log(morpho, signature, [market, ...indexed], words, at))
  })
  const { fees: _, ...totals } = model
  const holding = (user: Hex) => {
    const own = held.get(user)!
    return [own.supply, own.debt, own.collateral]
  }
  return { logs, totals, held: holding }
}
