/**
 * The first half of a batch: blocks in order → facts ready to be written, changes of balances, and the events that the
 * fold will apply. It touches no database, so several ranges can be decoded before their turn to be written comes.
 */
import type { ChainSpec } from '../chains/types'
import type { DecodeContext, Protocol } from '../protocols/types'
import { type BalanceWriter, createBalanceWriter } from './balances'
import type { SourceBlock } from './block'
import { byTopic, createDecoder, type DecodedBlock, type Step } from './decode'
import { createDirectory, type Foreseen, type WorkingDirectory } from './directory'
import { createFactWriter, type FactWriter } from './fact-write'
import type { Known } from './identities'
import type { Memory } from './memory'

export interface RangeOptions {
  chain: ChainSpec
  protocols: readonly Protocol[]
  memory: Memory
  known: Known
  /** Markets that earlier ranges, not written yet, will have discovered. */
  foreseen?: Foreseen | undefined
  /** First block of the unbroken coverage that the given height belongs to. */
  coverageFrom(protocol: string, height: number): number
  mayBeUndone(height: number): boolean
  /** Protocols whose events go to the fold; all when undefined. Facts are made of everyone's logs. */
  applies?: ((protocol: string) => boolean) | undefined
  /** False: transfers leave balances alone. */
  countsBalances?: boolean | undefined
}

export interface DecodedRange {
  /** Decodes one more block. Blocks come in order. */
  add(block: SourceBlock): void
  /** Blocks so far, without their facts, which are in `facts`. */
  decoded: DecodedBlock[]
  facts: FactWriter
  balances: BalanceWriter
  directory: WorkingDirectory
  context: DecodeContext
}

function protocolOf(step: Step): string {
  return step.kind === 'apply' ? step.protocol.name : step.discovery.market.protocol
}

/** An empty range. */
export function openRange(options: RangeOptions): DecodedRange {
  const { chain, memory } = options
  const directory = createDirectory(memory, options.foreseen)
  const decoder = createDecoder({
    chain,
    protocolsByTopic: byTopic(options.protocols),
    directory,
    coverageFrom: options.coverageFrom,
  })
  const facts = createFactWriter(chain, options.known)
  const balances = createBalanceWriter(chain, options.mayBeUndone)
  const decoded: DecodedBlock[] = []
  return {
    decoded,
    facts,
    balances,
    directory,
    context: decoder.context,
    add(block) {
      const one = decoder.decodeBlock(block)
      facts.add(block, one)
      if (options.countsBalances !== false) balances.add(one)
      const { applies } = options
      if (applies) one.steps = one.steps.filter((step) => applies(protocolOf(step)))
      // A range may hold a hundred thousand facts: they are not needed any more.
      one.facts = []
      decoded.push(one)
    },
  }
}
