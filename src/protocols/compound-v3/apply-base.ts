/** Base events: principals, totals and indexes. See apply.ts for what the logs tell and what they hide. */
import type { Hex } from '../../chains/types'
import type { LogRef, MarketState, StateView } from '../types'
import type { CometSeed, CompoundV3Event } from './events'
import {
  accruedTo,
  type BaseBooks,
  booksOf,
  fieldsOf,
  INDEX_SCALE,
  presentValue,
  principalOfTransfer,
  principalValue,
  withPrincipal,
} from './interest'
import { changePosition } from './positions'
import { baseRow, poolRow } from './state'

type BaseEvent = Extract<CompoundV3Event, { name: 'moved' | 'transferred' | 'absorbed' }>

/** Applies one base event; interest accrues to its block first, as the comet does. */
export function applyBase(event: BaseEvent, state: StateView): void {
  const { comet, ref } = event
  const row = baseRow(comet, state)
  if (row.state.configured !== true) distrust(comet, state)
  const books = accruedTo(booksOf(row), row.state, ref.block.timestampSec)
  if (event.name === 'transferred') applyTransfer(event, books, state)
  else if (event.name === 'moved') {
    const before = principalOf(event.account, row, state)
    const after = principalValue(presentValue(before, books) + event.delta, books)
    const supplyChange = positive(after) - positive(before)
    const told = supplyChange < 0n ? -supplyChange : supplyChange
    setPrincipal(
      event,
      after,
      { books, expected: told === 0n ? null : `${event.account}:told${told}` },
      state,
    )
  } else setPrincipal(event, 0n, { books, expected: `${event.account}:absorbed` }, state)
}

/**
 * A Transfer right after the same account's base event repeats what that did (after an absorption, it tells the supply
 * that remained). Any other is half of a transfer between accounts. Who is minted supply owes nothing any more.
 */
function applyTransfer(event: BaseEvent & { name: 'transferred' }, books: BaseBooks, state: StateView): void {
  const { account, amount, minted } = event
  const row = baseRow(event.comet, state)
  const [at, party, what = ''] = String(row.state.expected ?? '').split(':')
  const follows = at === place(event.ref)
  const moved = principalOfTransfer(amount, books.supplyIndex)
  if (follows && party === account && what.startsWith('told')) {
    auditTransfer(event, { moved, told: BigInt(what.slice(4)) }, state)
    return
  }
  const after = positive(principalOf(account, row, state)) + (minted ? moved : -moved)
  const remained = follows && party === account && what === 'absorbed' && minted
  const burnt = follows && what.startsWith('burnt') ? BigInt(what.slice(5)) : undefined
  if (!remained) judgeHalf(event, { burnt, after, slack: slackOf(books.supplyIndex) }, state)
  const expected = minted ? null : `${account}:burnt${amount}`
  setPrincipal(event, positive(after), { books, expected }, state)
}

/**
 * Half of a transfer between accounts. Burnt supply whose mint has not come yet leaves the comet in doubt; the mint that
 * matches ends the doubt. Anything else means that a debt moved without a log.
 */
function judgeHalf(
  event: BaseEvent & { name: 'transferred' },
  { burnt, after, slack }: { burnt: bigint | undefined; after: bigint; slack: bigint },
  state: StateView,
): void {
  const { comet, amount, minted } = event
  // Of a transfer of a few units, nothing may be left for the receiver after rounding: no mint, and no doubt.
  if (amount <= slack) return
  const difference = burnt === undefined ? undefined : positive(burnt - amount) + positive(amount - burnt)
  if (minted && difference !== undefined && difference <= slack) endDoubt(comet, state)
  else distrust(comet, state, !minted && after >= -slack)
}

/** The comet's own word on the supply that we reckoned: beyond rounding and the indexes' error, something was missed. */
function auditTransfer(
  event: BaseEvent,
  { moved, told }: { moved: bigint; told: bigint },
  state: StateView,
): void {
  const row = baseRow(event.comet, state)
  state.setMarket({ ...row, state: { ...row.state, expected: null } })
  const difference = moved > told ? moved - told : told - moved
  if (difference > 1n + told / INDEX_TOLERANCE) distrust(event.comet, state)
}

/** A relative error of 1e-6 of the supply index is more than derived indexes can have. */
const INDEX_TOLERANCE = 1_000_000n

/**
 * Most by which what a transfer burns may exceed what it mints. At index i the sender's balance and principal round down
 * (less than 1 + i too much is burnt), so do the receiver's, and both amounts told (less than 2 + i too little is minted).
 */
function slackOf(supplyIndex: bigint): bigint {
  return 3n + 2n * ((supplyIndex + INDEX_SCALE - 1n) / INDEX_SCALE)
}

interface Next {
  books: BaseBooks
  /** Whose Transfer the very next log may be, and why. */
  expected: string | null
}

function setPrincipal(
  event: BaseEvent & { account: Hex },
  after: bigint,
  next: Next,
  state: StateView,
): void {
  const row = baseRow(event.comet, state)
  const before = principalOf(event.account, row, state)
  const books = withPrincipal(next.books, before, after)
  const possible = books.totalSupply >= 0n && books.totalBorrow >= 0n
  const clamped = {
    ...books,
    totalSupply: positive(books.totalSupply),
    totalBorrow: positive(books.totalBorrow),
  }
  const position = { scaledSupply: positive(after), scaledDebt: positive(-after) }
  changePosition(event.account, row, state, () => position)
  const { block, txHash, logIndex } = event.ref
  const expected = next.expected && `${place({ block, txHash, logIndex: logIndex + 1 })}:${next.expected}`
  state.setMarket({ ...row, state: { ...row.state, ...fieldsOf(clamped), expected } })
  if (!possible) distrust(event.comet, state)
}

function principalOf(account: Hex, row: MarketState, state: StateView): bigint {
  const position = state.position(account, row.id)
  return position === undefined ? 0n : position.scaledSupply - position.scaledDebt
}

const positive = (value: bigint): bigint => (value > 0n ? value : 0n)

const place = ({ txHash, logIndex }: LogRef): string => `${txHash}/${logIndex}`

/** From here on somebody's debt is not known. `revocable`: the next log may yet explain it. */
function distrust(comet: CometSeed, state: StateView, revocable = false): void {
  const pool = poolRow(comet, state)
  // A doubt that nothing ended in time is not for a later mint to end.
  if (!pool.complete && pool.state.doubt !== 'burnt') return
  if (!pool.complete) revocable = false
  state.setMarket({
    ...pool,
    complete: false,
    state: { ...pool.state, doubt: revocable ? 'burnt' : 'lasting' },
  })
}

function endDoubt(comet: CometSeed, state: StateView): void {
  const pool = poolRow(comet, state)
  if (pool.state.doubt === 'burnt')
    state.setMarket({ ...pool, complete: true, state: { ...pool.state, doubt: null } })
}
