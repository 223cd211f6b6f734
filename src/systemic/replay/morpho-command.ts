/** Reads the tables of shared/data/systemic/morpho-2025-11 into series; `plimsoll replay morpho-2025-11`. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { PlimsollError } from '../../errors'
import { type Row, readTableFile } from '../../models/credit/table'
import { morphoTerms } from '../rules/terms'
import type { MarketState, MorphoHistory, MorphoMarket, MorphoVault } from './morpho-history'
import type { Point } from './series'

const FOLDER = 'systemic/morpho-2025-11'
const CHAINS: Readonly<Record<string, string>> = { '1': 'ethereum', '42161': 'Arbitrum', '98866': 'Plume' }
/** The two markets whose collateral the tables hold hour by hour. */
const DETAILED: readonly (readonly [string, string])[] = [
  ['0x0f95', 'block8_eth_market_history'],
  ['0x8d00', 'block8_plume_market_history'],
]

/** @throws PlimsollError (exit code 2) where the folder, a table, a column or a number is missing */
export function readMorphoHistory(dataSets: string): MorphoHistory {
  const folder = join(dataSets, FOLDER)
  if (!existsSync(folder))
    throw new PlimsollError(`no folder ${FOLDER} in the data folder`, {
      hint: 'set PLIMSOLL_DATA or --data to the folder that holds the data sets (README, Data)',
      exitCode: 2,
    })
  const rows = (name: string): readonly Row[] => readTableFile(join(folder, `${name}.csv.gz`)).rows
  const markets = readMarkets(rows)
  return {
    markets,
    reallocations: readReallocations(rows('block6_pa_reallocations'), new Set(markets.map(({ id }) => id))),
    vaults: readVaults(rows),
    prices: readPrices(rows('block5_asset_prices')),
    sharedSupplies: rows('block6_vault_full_allocations').flatMap((row) =>
      row('is_toxic_market').text === 'True'
        ? []
        : [
            {
              vault: row('vault_address').text.toLowerCase(),
              market: row('market_unique_key').text,
              usd: amount(row, 'supply_assets_usd'),
            },
          ],
    ),
  }
}

type Tables = (name: string) => readonly Row[]

function readMarkets(rows: Tables): MorphoMarket[] {
  const states = new Map<string, Map<number, MarketState>>()
  // Hours win over days: they are read later.
  for (const name of ['block3_market_utilization_daily', 'block3_market_utilization_hourly'])
    for (const row of rows(name)) {
      const id = row('market_unique_key').text
      const series = states.get(id) ?? new Map<number, MarketState>()
      const timeSec = row('timestamp').number()
      series.set(timeSec, {
        timeSec,
        utilization: amount(row, 'utilization'),
        supplyUsd: amount(row, 'supply_assets_usd'),
        borrowUsd: amount(row, 'borrow_assets_usd'),
      })
      states.set(id, series)
    }
  const bad = new Map(
    rows('block2_bad_debt_by_market').map((row) => [row('market_unique_key').text, row] as const),
  )
  return rows('block1_markets_graphql').map((row) => {
    const id = row('market_id').text
    const detailed = DETAILED.find(([start]) => id.startsWith(start))
    const decimals = 10 ** row('collateral_decimals').number()
    const facts = bad.get(id)
    return {
      id,
      name: `${row('collateral_symbol').text}/${row('loan_symbol').text} ${row('chain').text} ${id.slice(0, 6)}`,
      collateral: row('collateral_symbol').text,
      terms: morphoTerms(BigInt(Math.round(row('lltv').number() * 1e6)) * 10n ** 12n),
      isFixedPrice: facts?.('oracle_is_hardcoded').text === 'True',
      states: [...(states.get(id)?.values() ?? [])].sort((a, b) => a.timeSec - b.timeSec),
      collateralUnits:
        detailed === undefined
          ? []
          : series(rows(detailed[1]), 'collateral_assets').map((p) => ({ ...p, value: p.value / decimals })),
      collateralUnitsLater: amount(row, 'collateral_assets') / decimals,
      recordedBadDebtUsd: facts === undefined ? 0 : amount(facts, 'L2_total_bad_debt_usd'),
    }
  })
}

function readVaults(rows: Tables): MorphoVault[] {
  const daily = byVault(rows('block2_share_prices_daily'))
  const hourly = byVault(rows('block2_share_prices_hourly'))
  const supplied = byVault(rows('block3_allocation_timeseries'))
  return [...daily].map(([id, own]) => {
    const first = own[0]!
    const byMarket = new Map<string, Row[]>()
    for (const row of supplied.get(id) ?? []) {
      const market = row('market_unique_key').text
      byMarket.set(market, [...(byMarket.get(market) ?? []), row])
    }
    return {
      id,
      name: first('vault_name').text,
      chain: CHAINS[first('chain_id').text] ?? first('chain').text,
      assetsUsd: series(own, 'total_assets_usd'),
      assetsHourly: series(hourly.get(id) ?? [], 'total_assets_native'),
      sharePrice: series(own, 'share_price'),
      suppliedUsd: new Map([...byMarket].map(([m, list]) => [m, series(list, 'supply_assets_usd')])),
    }
  })
}

function readPrices(rows: readonly Row[]): Map<string, Point[]> {
  const prices = new Map<string, Row[]>()
  for (const row of rows) {
    // Ethereum's price stands for the same token elsewhere: the tables' own of other chains have gaps of days.
    if (row('chain_id').text !== '1') continue
    const symbol = row('symbol').text
    const list = prices.get(symbol)
    if (list === undefined) prices.set(symbol, [row])
    else list.push(row)
  }
  return new Map([...prices].map(([symbol, list]) => [symbol, series(list, 'price_usd')]))
}

/** All loans of the tables that allocators moved have six decimals. */
function readReallocations(rows: readonly Row[], markets: ReadonlySet<string>) {
  return rows.flatMap((row) => {
    if (!markets.has(row('market_unique_key').text)) return []
    const units = row('assets').number() / 1e6
    const isIn = row('type').text === 'Deposit'
    return [
      {
        timeSec: row('timestamp').number(),
        vault: row('vault_address').text.toLowerCase(),
        units: isIn ? units : -units,
      },
    ]
  })
}

function byVault(rows: readonly Row[]): Map<string, Row[]> {
  const found = new Map<string, Row[]>()
  for (const row of rows) {
    // Some tables spell addresses in mixed case, some in lower case.
    const id = row('vault_address').text.toLowerCase()
    const list = found.get(id)
    if (list === undefined) found.set(id, [row])
    else list.push(row)
  }
  return found
}

/** A column over time, ascending; rows without a value are left out. */
function series(rows: readonly Row[], column: string): Point[] {
  return rows
    .flatMap((row) =>
      row(column).text === '' ? [] : [{ timeSec: row('timestamp').number(), value: row(column).number() }],
    )
    .sort((a, b) => a.timeSec - b.timeSec)
}

/** A number, where empty cells and Python's None mean nothing is there. */
function amount(row: Row, column: string): number {
  const { text } = row(column)
  return text === '' || text === 'None' ? 0 : row(column).number()
}
