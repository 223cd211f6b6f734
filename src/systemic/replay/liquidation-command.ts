/** Reads shared/data/lending's liquidation sets and hourly prices; `plimsoll replay liquidations`. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { PlimsollError } from '../../errors'
import { readPrices } from '../../models/credit/prices'
import { type Row, readTableFile } from '../../models/credit/table'
import { distinct, type HealthRecord, type LiquidationRecord, type PriceBook } from './liquidation-records'
import type { LiquidationSets } from './liquidation-report'
import type { Point } from './series'

/** Files of one series, older first; a later file wins where both have an hour. */
const SERIES: Readonly<Record<string, readonly string[]>> = {
  ETH: ['eth-usdt-hourly-2017-2021', 'eth-usdt-hourly-2021-2023'],
  BTC: ['btc-usdt-hourly-2017-2021', 'btc-usdt-hourly-2021-2023'],
  AAVE: ['aave-usdt-hourly-2021-2023'],
  CRV: ['crv-usdt-hourly-2021-2023'],
  LINK: ['link-usdt-hourly-2021-2023'],
  MKR: ['mkr-usdt-hourly-2021-2023'],
  SNX: ['snx-usdt-hourly-2021-2023'],
  UNI: ['uni-usdt-hourly-2021-2023'],
}
const ALIASES: Readonly<Record<string, string>> = { WETH: 'ETH', WBTC: 'BTC' }
const STABLE = new Set(['USDC', 'USDT', 'DAI', 'TUSD', 'BUSD', 'GUSD', 'SUSD'])
/** Decimals of Aave V2's reserves where they are not 18: its older rows hold base units. */
const DECIMALS: Readonly<Record<string, number>> = { USDC: 6, USDT: 6, WBTC: 8, GUSD: 2, AMPL: 9 }

/** @throws PlimsollError (exit code 2) where a file is missing or cannot be read */
export function readLiquidationSets(dataSets: string): LiquidationSets {
  return {
    aaveV1: readAaveV1(fileIn(dataSets, 'lending/aave-v1-liquidations.ndjson.gz')),
    aaveV2: readAaveV2(fileIn(dataSets, 'lending/aave-v2-liquidations.csv.gz')),
    arbitrum: readArbitrum(fileIn(dataSets, 'lending/arbitrum-liquidations.ndjson.gz')),
    prices: readPriceBook(dataSets),
  }
}

function fileIn(dataSets: string, path: string): string {
  const file = join(dataSets, path)
  if (existsSync(file)) return file
  throw new PlimsollError(`no ${path} in the data folder`, {
    hint: 'set PLIMSOLL_DATA or --data to the folder that holds the data sets (README, Data)',
    exitCode: 2,
  })
}

/** The close of an hour is known when the hour is over; the series of `readPrices` come an hour later still. */
export function readPriceBook(dataSets: string): PriceBook {
  const hourly = new Map<string, readonly Point[]>()
  for (const [symbol, names] of Object.entries(SERIES)) {
    const { points } = readPrices(names.map((name) => fileIn(dataSets, `prices/${name}.csv.gz`)))
    hourly.set(
      symbol,
      points.map(({ timeSec, value }) => ({ timeSec: timeSec - 3_600, value })),
    )
  }
  for (const [alias, symbol] of Object.entries(ALIASES)) hourly.set(alias, hourly.get(symbol)!)
  return { hourly, stable: STABLE }
}

const reserve = z.object({ symbol: z.string(), decimals: z.number().int().min(0).max(36) })
const v1Line = z.object({
  user: z.object({ id: z.string() }),
  collateralReserve: reserve,
  principalReserve: reserve,
  collateralAmount: z.string(),
  principalAmount: z.string(),
  timestamp: z.number(),
})

function readAaveV1(file: string): LiquidationRecord[] {
  return distinct(
    linesOf(file, v1Line).map((one) => ({
      timeSec: one.timestamp,
      user: one.user.id,
      collateral: one.collateralReserve.symbol,
      debt: one.principalReserve.symbol,
      collateralUnits: Number(one.collateralAmount) / 10 ** one.collateralReserve.decimals,
      debtUnits: Number(one.principalAmount) / 10 ** one.principalReserve.decimals,
      collateralUsd: null,
      debtUsd: null,
    })),
  )
}

/** Two collections in one file: rows with a liquidator hold whole tokens and dollars, the others base units. */
function readAaveV2(file: string): LiquidationRecord[] {
  return distinct(
    readTableFile(file).rows.map((row) => {
      const isWhole = row('liquidator').text !== ''
      const units = (column: string, symbol: string) =>
        row(column).number() / (isWhole ? 1 : 10 ** (DECIMALS[symbol] ?? 18))
      const [collateral, debt] = [row('collateralReserve').text, row('principalReserve').text]
      return {
        timeSec: row('timestamp').number(),
        user: row('user').text,
        ...{ collateral, debt },
        collateralUnits: units('collateralAmount', collateral),
        debtUnits: units('principalAmount', debt),
        collateralUsd: isWhole ? numberOrNull(row, 'amountUSDCollateral') : null,
        debtUsd: isWhole ? numberOrNull(row, 'amountUSDPrincipal') : null,
      }
    }),
  )
}

const health = z.number().nullish()
const shortfall = z.string().nullish()
const arbitrumLine = z.object({
  opportunities: z.array(
    z.object({
      liquidation: z.object({
        timestamp: z.number(),
        protocol_name: z.string(),
        health_factor_start_of_block: health,
        health_factor_end_of_block: health,
        shortfall_start_of_block: shortfall,
        shortfall_end_of_block: shortfall,
      }),
    }),
  ),
})

function readArbitrum(file: string): HealthRecord[] {
  const wei = (text: string | null | undefined) => (text === null || text === undefined ? null : BigInt(text))
  return linesOf(file, arbitrumLine).flatMap(({ opportunities }) =>
    opportunities.map(({ liquidation: one }) => ({
      timeSec: one.timestamp,
      protocol: one.protocol_name,
      healthBefore: one.health_factor_start_of_block ?? null,
      healthAfter: one.health_factor_end_of_block ?? null,
      shortfallBefore: wei(one.shortfall_start_of_block),
      shortfallAfter: wei(one.shortfall_end_of_block),
    })),
  )
}

function numberOrNull(row: Row, column: string): number | null {
  return row(column).text === '' ? null : row(column).number()
}

/** JSON lines that hold to a shape. @throws PlimsollError naming the line that does not */
function linesOf<T>(file: string, shape: z.ZodType<T>): T[] {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n')
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return [shape.parse(JSON.parse(line))]
    } catch (cause) {
      throw new PlimsollError(`${file}, line ${i + 1} is not a liquidation of this set`, {
        cause,
        exitCode: 2,
      })
    }
  })
}
