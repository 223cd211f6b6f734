/**
 * Comet logs → lending facts and events for the fold.
 *
 * In a comet the base asset is one signed balance: Supply of it first repays, Withdraw beyond the balance borrows, and
 * the event does not tell which. As facts they are supply and withdraw; the fold, which knows the balance, tells them
 * apart. The base asset is known where the chain file names it (`links.base`), else the comet's own address stands for it.
 */
import type { Hex } from '../../chains/types'
import { expectShape, topicAddress, wordBool, wordUint } from '../log-shape'
import { listedAs, NOTHING } from '../trust'
import type { DecodeContext, Decoded, Fact, RawLog } from '../types'
import { COMET } from './abi'
import { CONFIG_DECODERS } from './decode-config'
import type { CometSeed, NewEvent } from './events'
import { cometOf, emit } from './seeds'

type LendingFact = Extract<Fact, { table: 'lending_event' }>
type Effect = Pick<LendingFact, 'kind' | 'account' | 'initiator' | 'amount'> & Partial<LendingFact>
type Decoder = (log: RawLog, context: DecodeContext) => Decoded

/** Decodes one log whose topic0 is in `COMPOUND_V3_TOPICS`. Throws UndecodableLog when it does not fit its event. */
export function decodeCompoundV3(log: RawLog, context: DecodeContext): Decoded {
  return DECODERS.get(log.topics[0] as Hex)?.(log, context) ?? NOTHING
}

const DECODERS: ReadonlyMap<Hex, Decoder> = new Map<Hex, Decoder>([
  [COMET.Supply, supply],
  [COMET.Withdraw, withdraw],
  [COMET.Transfer, transfer],
  [COMET.SupplyCollateral, supplyCollateral],
  [COMET.WithdrawCollateral, withdrawCollateral],
  [COMET.TransferCollateral, transferCollateral],
  [COMET.AbsorbDebt, absorbDebt],
  [COMET.AbsorbCollateral, absorbCollateral],
  [COMET.BuyCollateral, buyCollateral],
  [COMET.PauseAction, pauseAction],
  [COMET.Upgraded, upgraded],
  ...CONFIG_DECODERS,
])

export const COMPOUND_V3_TOPICS: readonly Hex[] = [...DECODERS.keys()]

/** Supply(from indexed, dst indexed, amount) */
function supply(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Supply', 3, 1)
  const [initiator, account, amount] = [topicAddress(log, 1), topicAddress(log, 2), wordUint(log, 0)]
  return lending(log, context, { kind: 'supply', account, initiator, amount }, (comet) => [
    { name: 'moved', comet, account, delta: amount },
  ])
}

/** Withdraw(src indexed, to indexed, amount) */
function withdraw(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'Withdraw', 3, 1)
  topicAddress(log, 2)
  const [account, amount] = [topicAddress(log, 1), wordUint(log, 0)]
  return lending(log, context, { kind: 'withdraw', account, initiator: account, amount }, (comet) => [
    { name: 'moved', comet, account, delta: -amount },
  ])
}

const ZERO: Hex = `0x${'0'.repeat(40)}`

/** Transfer(from indexed, to indexed, amount): one side is always the zero address. The fact is the token decoder's. */
function transfer(log: RawLog, context: DecodeContext): Decoded {
  const comet = cometOf(log, context)
  if (comet === undefined) return NOTHING
  expectShape(log, 'Transfer', 3, 1)
  const [from, to, amount] = [topicAddress(log, 1), topicAddress(log, 2), wordUint(log, 0)]
  if ((from === ZERO) === (to === ZERO)) return NOTHING
  const minted = from === ZERO
  return emit(log, { name: 'transferred', comet, account: minted ? to : from, amount, minted })
}

/** SupplyCollateral(from indexed, dst indexed, asset indexed, amount) */
function supplyCollateral(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'SupplyCollateral', 4, 1)
  const [initiator, account] = [topicAddress(log, 1), topicAddress(log, 2)]
  const [asset, amount] = [topicAddress(log, 3), wordUint(log, 0)]
  return lending(log, context, { kind: 'supply', account, initiator, asset, amount }, (comet) => [
    { name: 'collateral', comet, account, asset, delta: amount, reserves: 0n },
  ])
}

/** WithdrawCollateral(src indexed, to indexed, asset indexed, amount) */
function withdrawCollateral(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'WithdrawCollateral', 4, 1)
  topicAddress(log, 2)
  const [account, asset, amount] = [topicAddress(log, 1), topicAddress(log, 3), wordUint(log, 0)]
  const effect: Effect = { kind: 'withdraw', account, initiator: account, asset, amount }
  return lending(log, context, effect, (comet) => [
    { name: 'collateral', comet, account, asset, delta: -amount, reserves: 0n },
  ])
}

/** TransferCollateral(from indexed, to indexed, asset indexed, amount): withdrawn by one, supplied by the other */
function transferCollateral(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'TransferCollateral', 4, 1)
  const [from, to] = [topicAddress(log, 1), topicAddress(log, 2)]
  const [asset, amount] = [topicAddress(log, 3), wordUint(log, 0)]
  const withdrawn = lending(
    log,
    context,
    { kind: 'withdraw', account: from, initiator: from, asset, amount },
    (comet) => [
      { name: 'collateral', comet, account: from, asset, delta: -amount, reserves: 0n },
      { name: 'collateral', comet, account: to, asset, delta: amount, reserves: 0n },
    ],
  )
  const supplied = lending(log, context, { kind: 'supply', account: to, initiator: from, asset, amount })
  return {
    facts: [...withdrawn.facts, ...supplied.facts.map((fact) => ({ ...fact, subIndex: 1 }))],
    events: withdrawn.events,
  }
}

/** AbsorbDebt(absorber indexed, borrower indexed, basePaidOut, usdValue) */
function absorbDebt(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'AbsorbDebt', 3, 2)
  const [initiator, account, amount] = [topicAddress(log, 1), topicAddress(log, 2), wordUint(log, 0)]
  return lending(log, context, { kind: 'liquidation', account, initiator, amount }, (comet) => [
    { name: 'absorbed', comet, account },
  ])
}

/** AbsorbCollateral(absorber indexed, borrower indexed, asset indexed, collateralAbsorbed, usdValue) */
function absorbCollateral(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'AbsorbCollateral', 4, 2)
  const [initiator, account] = [topicAddress(log, 1), topicAddress(log, 2)]
  const [asset, seized] = [topicAddress(log, 3), wordUint(log, 0)]
  const effect: Effect = { kind: 'liquidation', account, initiator, amount: 0n, collateralAsset: asset }
  return lending(log, context, { ...effect, collateralAmount: seized }, (comet) => [
    { name: 'collateral', comet, account, asset, delta: -seized, reserves: seized },
  ])
}

/** BuyCollateral(buyer indexed, asset indexed, baseAmount, collateralAmount): out of what the comet absorbed */
function buyCollateral(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'BuyCollateral', 3, 2)
  const [asset, amount] = [topicAddress(log, 2), wordUint(log, 1)]
  const comet = cometOf(log, context)
  return comet === undefined ? NOTHING : emit(log, { name: 'bought', comet, asset, amount })
}

const PAUSABLE = ['supply', 'transfer', 'withdraw', 'absorb', 'buy'] as const

/** PauseAction(supply, transfer, withdraw, absorb, buy) */
function pauseAction(log: RawLog, context: DecodeContext): Decoded {
  expectShape(log, 'PauseAction', 1, PAUSABLE.length)
  const flags = Object.fromEntries(PAUSABLE.map((action, word) => [`paused:${action}`, wordBool(log, word)]))
  const comet = cometOf(log, context)
  return comet === undefined ? NOTHING : emit(log, { name: 'paused', comet, flags })
}

/** Upgraded(implementation indexed) of a listed comet; everyone else's is the admin decoder's alone. */
function upgraded(log: RawLog, context: DecodeContext): Decoded {
  const comet = cometOf(log, context)
  if (comet === undefined) return NOTHING
  expectShape(log, 'Upgraded', 2, 0)
  return emit(log, { name: 'upgraded', comet, implementation: topicAddress(log, 1) })
}

function lending(
  log: RawLog,
  context: DecodeContext,
  effect: Effect,
  toEvents: (comet: CometSeed) => NewEvent[] = () => [],
): Decoded {
  const entry = listedAs(log, context, 'compound-v3', 'comet')
  const fact: Fact = {
    table: 'lending_event',
    protocol: 'compound-v3',
    subIndex: 0,
    verified: entry !== undefined,
    pool: entry?.address ?? null,
    asset: entry?.links?.base ?? log.address,
    collateralAsset: null,
    collateralAmount: null,
    ...effect,
  }
  const comet = cometOf(log, context)
  const events = comet === undefined ? [] : toEvents(comet).flatMap((event) => emit(log, event).events)
  return { facts: [fact], events }
}
