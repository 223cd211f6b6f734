/**
 * Lets a world with interval mining live: watches for blocks, journals them, tells what happened in them and has
 * the actors act once a block. A turn that takes longer than a block makes the actors skip, never the chain.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { formatUnits } from 'viem'
import { LOCAL_SETUP_BLOCKS, LOCAL_WORLD } from '../src/chains/local-world'
import type { Journal } from './journal'
import { readOutcome } from './outcome'
import { crashDepth, FIRST_CRASH_TURN } from './prices'
import type { World } from './world'

export type LiveEvent = { event: string; chain: string; height: number } & Record<string, unknown>

export type LiveOptions = {
  world: World
  journal: Journal | undefined
  signal: AbortSignal
  report: (event: LiveEvent) => void
}

const POLL_MS = 100
/** Blocks between two saved states: the journal replays at most this many, about 15 ms each. */
export const SAVE_EVERY_BLOCKS = 900
const MAX_CATCH_UP_BLOCKS = 900

/** Runs until the signal fires. Failures of a turn are reported and survived; a node that is gone is not. */
export async function runLive({ world, journal, signal, report }: LiveOptions): Promise<void> {
  let seen = world.headAtStart
  let saved = seen
  for (;;) {
    await delay(POLL_MS, undefined, { signal }).catch(() => {})
    // The last blocks belong into the journal too, so the chain stands still before they are read.
    if (signal.aborted) await world.client.setIntervalMining({ interval: 0 })
    const head = await world.client.getBlockNumber()
    // After a reorg the head may stand lower or equal; the heights below are journaled again.
    if (head < seen) seen = head - 1n
    if (head === seen && !signal.aborted) continue
    const from = head - seen > MAX_CATCH_UP_BLOCKS ? head - BigInt(MAX_CATCH_UP_BLOCKS) : seen
    for (let height = from + 1n; height <= head; height++) {
      await journal?.record(world.client, height)
      await reportBlock(world, height, report)
    }
    if (signal.aborted) return
    seen = head
    if (journal !== undefined && head - saved >= BigInt(SAVE_EVERY_BLOCKS)) {
      saved = await world.save()
      await journal.trim(saved)
    }
    await actOnce(world, Number(head), report)
  }
}

async function actOnce(world: World, height: number, report: LiveOptions['report']): Promise<void> {
  const base = { chain: world.chain, height }
  try {
    const { incidents, refused, turn } = await world.act()
    for (const incident of incidents) report({ event: 'incident', ...base, ...incident })
    for (const { call, reason } of refused)
      report({ event: 'refused', ...base, call: call.label, from: call.from, reason })
    if (turn >= FIRST_CRASH_TURN && crashDepth(turn) > 0 && crashDepth(turn - 1) === 0)
      report({ event: 'crash', ...base })
  } catch (error) {
    report({
      event: 'turn failed',
      ...base,
      reason: error instanceof Error ? error.message.split('\n')[0] : String(error),
    })
  }
}

async function reportBlock(world: World, height: bigint, report: LiveOptions['report']): Promise<void> {
  if (height <= BigInt(LOCAL_SETUP_BLOCKS)) return
  const { liquidations } = await readOutcome(world.client, height)
  for (const { borrower, debtAsset, debtCovered, receiveAToken } of liquidations) {
    const asset = LOCAL_WORLD.assets.find(({ token }) => token === debtAsset.toLowerCase())
    const covered =
      asset === undefined
        ? String(debtCovered)
        : `${formatUnits(debtCovered, asset.decimals)} ${asset.symbol}`
    report({
      event: 'liquidation',
      chain: world.chain,
      height: Number(height),
      borrower,
      covered,
      receiveAToken,
    })
  }
}
