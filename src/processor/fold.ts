/**
 * Second half of a batch: applies protocol events to state in block order. Pure.
 *
 * For each block it notes the rows that changed: their value at the end of the block (a version) and before it (an
 * old image for the journal, should the block be undone). An event whose `apply` fails marks the state it touches
 * incomplete, so that nothing is scored on a half-applied change, and the rest goes on.
 */
import type { Hex } from '../chains/types'
import { messageOf, PlimsollError } from '../errors'
import type {
  BlockRef,
  DecodeContext,
  MarketState,
  PositionState,
  PriceState,
  StateView,
} from '../protocols/types'
import type { DecodedBlock, Step } from './decode'
import { positionId, priceId } from './ids'
import type { Memory, Stored } from './memory'

/** A row that a block changed. `before` is undefined where the block made it. */
export interface Change<T> {
  key: string
  before: Stored<T> | undefined
  after: T
}

export interface BlockChanges {
  ref: BlockRef
  markets: Change<MarketState>[]
  positions: Change<PositionState>[]
  prices: Change<PriceState>[]
  /** Events that could not be applied, with the reason. */
  failures: { step: Step; reason: string }[]
}

/** One kind of state during the fold: committed rows below, changed rows above, and what the block changed. */
export class Layer<T> {
  readonly current = new Map<string, Stored<T>>()
  private block = new Map<string, Stored<T> | undefined>()

  constructor(private readonly base: (key: string) => Stored<T> | undefined) {}

  get(key: string): Stored<T> | undefined {
    return this.current.get(key) ?? this.base(key)
  }

  set(key: string, value: T, height: number): void {
    if (!this.block.has(key)) this.block.set(key, this.get(key))
    this.current.set(key, { value, height })
  }

  takeChanges(): Change<T>[] {
    const changes: Change<T>[] = []
    for (const [key, before] of this.block) {
      const after = this.current.get(key)
      if (after) changes.push({ key, before, after: after.value })
    }
    this.block = new Map()
    return changes
  }
}

export interface Fold {
  foldBlock(block: DecodedBlock): BlockChanges
  /** Rows that the batch changed, at their last value. */
  markets: ReadonlyMap<string, Stored<MarketState>>
  positions: ReadonlyMap<string, Stored<PositionState>>
  prices: ReadonlyMap<string, Stored<PriceState>>
}

export interface FoldOptions {
  context: DecodeContext
  memory: Memory
  /** Positions that the batch's events touch, by position id; undefined where there is no row yet. */
  positions: ReadonlyMap<string, Stored<PositionState> | undefined>
}

/** A fold for one attempt at a batch. Blocks must be given in order. */
export function createFold({ context, memory, positions }: FoldOptions): Fold {
  const chainId = context.chain.id
  const marketLayer = new Layer<MarketState>((id) => memory.markets.get(id))
  const positionLayer = new Layer<PositionState>((id) => positions.get(id))
  const priceLayer = new Layer<PriceState>((id) => memory.prices.get(id))
  let height = 0

  function loaded(account: Hex, marketId: string): string {
    const id = positionId(chainId, account, marketId)
    if (!positions.has(id)) throw new PlimsollError(`position ${id} was used but not declared by touches()`)
    return id
  }

  const state: StateView = {
    market: (id) => marketLayer.get(id)?.value,
    setMarket: (market) => marketLayer.set(market.id, market, height),
    position: (account, marketId) => positionLayer.get(loaded(account, marketId))?.value,
    setPosition: (position) =>
      positionLayer.set(loaded(position.account, position.marketId), position, height),
    setPrice: (price) => priceLayer.set(priceId(chainId, price), price, height),
  }

  function distrust(step: Extract<Step, { kind: 'apply' }>): void {
    const touched = step.protocol.touches?.(step.event)
    for (const id of touched?.markets ?? []) {
      const market = state.market(id)
      if (market?.complete) state.setMarket({ ...market, complete: false })
    }
    for (const { account, marketId } of touched?.positions ?? []) {
      const position = state.position(account, marketId)
      if (position?.complete) state.setPosition({ ...position, complete: false })
    }
  }

  return {
    markets: marketLayer.current,
    positions: positionLayer.current,
    prices: priceLayer.current,
    foldBlock(block) {
      height = block.ref.height
      const failures: BlockChanges['failures'] = []
      for (const step of block.steps) {
        if (step.kind === 'discover') {
          if (state.market(step.discovery.market.id) === undefined) state.setMarket(step.discovery.market)
          continue
        }
        try {
          step.protocol.apply?.(step.event, state, context)
        } catch (error) {
          distrust(step)
          failures.push({ step, reason: `${step.protocol.name}: ${step.event.name}: ${messageOf(error)}` })
        }
      }
      return {
        ref: block.ref,
        markets: marketLayer.takeChanges(),
        positions: positionLayer.takeChanges(),
        prices: priceLayer.takeChanges(),
        failures,
      }
    },
  }
}
