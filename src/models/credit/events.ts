/**
 * A folder of lending histories in the shape of MakerDAO's ETH-B files, as events in order and parameters over time.
 *
 * Expected are `ethb_vault_deposits`, `ethb_vault_withdrawals`, `ethb_dai_borrows`, `ethb_dai_repayments`,
 * `ethb_vault_liquidations` and `ETHB-Parameter-Changes`, each `.csv.gz` or `.csv`, times in UTC. Rows need not be sorted.
 * What cannot be read is an error that names file, line and value: a silent skip would change debts.
 */
import { PlimsollError } from '../../errors'
import { type Cell, readTable, type Table } from './table'

export type VaultEventKind = 'deposit' | 'borrow' | 'withdraw' | 'repay' | 'liquidation'

/** Changes are signed: what leaves the vault is negative. */
export type VaultEvent = {
  timeSec: number
  blockNumber: number
  vault: string
  kind: VaultEventKind
  collateralEth: number
  debtDai: number
}

/** A value that holds from a moment until the next step. */
export type Step = { fromSec: number; value: number }

export type VaultHistory = {
  /** By time, block, then kind: what adds comes before what takes, so that a block's net change never dips below zero. */
  events: readonly VaultEvent[]
  /** Stability fee per year, and liquidation ratio (1.3 = 130 %). */
  feePerYear: readonly Step[]
  liquidationRatio: readonly Step[]
  /** First and last event. */
  fromSec: number
  untilSec: number
  /** SHA-256 by file. */
  files: Readonly<Record<string, string>>
}

type Source = { file: string; kind: VaultEventKind; eth?: string; dai?: string; outgoing?: boolean }

/** In the order in which events of one block are applied. Withdrawals are published as negative amounts already. */
const SOURCES: readonly Source[] = [
  { file: 'ethb_vault_deposits', kind: 'deposit', eth: 'DEPOSIT_AMOUNT_ADJ' },
  { file: 'ethb_dai_borrows', kind: 'borrow', dai: 'DAI_MINTED' },
  { file: 'ethb_vault_withdrawals', kind: 'withdraw', eth: 'WITHDRAWN_AMOUNT_ADJ', outgoing: true },
  { file: 'ethb_dai_repayments', kind: 'repay', dai: 'DAI_REPAYED', outgoing: true },
  {
    file: 'ethb_vault_liquidations',
    kind: 'liquidation',
    eth: 'COLLATERAL_LIQUIDATED_AMOUNT',
    dai: 'DAI_REPAYED_AMOUNT',
    outgoing: true,
  },
]
const PARAMETERS = 'ETHB-Parameter-Changes'

/** Reads a folder. @throws PlimsollError (exit code 2) for a missing file or column, a bad number or time, no events */
export function readVaultHistory(folder: string): VaultHistory {
  const files: Record<string, string> = {}
  const read = (name: string): Table => {
    const table = readTable(folder, name)
    files[table.file] = table.sha256
    return table
  }
  const events = SOURCES.flatMap((source) => eventsOf(source, read(source.file)))
  const parameters = read(PARAMETERS)
  const rank = new Map(SOURCES.map(({ kind }, i) => [kind, i]))
  events.sort(
    (a, b) => a.timeSec - b.timeSec || a.blockNumber - b.blockNumber || rank.get(a.kind)! - rank.get(b.kind)!,
  )
  const first = events[0]
  if (first === undefined) throw new PlimsollError(`no events in ${folder}`, { exitCode: 2 })
  return {
    events,
    feePerYear: stepsOf(parameters, 'JUG.ilks.duty'),
    liquidationRatio: stepsOf(parameters, 'SPOTTER.ilks.mat'),
    fromSec: first.timeSec,
    untilSec: events[events.length - 1]!.timeSec,
    files,
  }
}

function eventsOf({ kind, eth, dai, outgoing = false }: Source, table: Table): VaultEvent[] {
  const signed = (cell: Cell): number => {
    const amount = cell.number()
    return outgoing ? -Math.abs(amount) : amount
  }
  return table.rows.map((row) => ({
    timeSec: row('BLOCK_TIMESTAMP').utcSec(),
    blockNumber: row('BLOCK_NUMBER').number(),
    vault: row('VAULT_NUMBER').text,
    kind,
    collateralEth: eth === undefined ? 0 : signed(row(eth)),
    debtDai: dai === undefined ? 0 : signed(row(dai)),
  }))
}

/** One parameter over time. @throws PlimsollError when the file never sets it */
function stepsOf(table: Table, parameter: string): Step[] {
  const steps = table.rows
    .filter((row) => row('PARAMETER').text === parameter)
    .map((row) => ({ fromSec: row('TIMESTAMP').utcSec(), value: row('TO_VALUE').number() }))
    .sort((a, b) => a.fromSec - b.fromSec)
  if (steps.length > 0) return steps
  throw new PlimsollError(`${table.file} never sets ${parameter}`, {
    hint: 'without it neither debts nor health factors can be computed',
    exitCode: 2,
  })
}
