/**
 * `npx tsx scripts/export-studies.ts` writes the Arrow tables that the studies in analysis/ read, from the data sets
 * (PLIMSOLL_DATA, default ../shared/data) to analysis/exports. Accounts are scored by models that did not see them.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Table, tableToIPC, vectorFromArray } from 'apache-arrow'
import { parse } from 'csv-parse/sync'
import { ethPriceFiles } from '../src/models/credit/prices'
import { readAccounts } from '../src/models/illicit/dataset'
import { trainPlain } from '../src/models/illicit/parts'
import { illicitSpec } from '../src/models/illicit/spec'
import { selectRows, stratifiedFolds } from '../src/models/learn/evaluate'
import { forestMargins } from '../src/models/learn/forest'
import { readVaults } from '../src/models/liquidation/dataset'
import { liquidationSpec } from '../src/models/liquidation/spec'

const data = resolve(process.env.PLIMSOLL_DATA ?? join(__dirname, '../../shared/data'))
const out = join(__dirname, '../analysis/exports')
const FOLDS = 5
const SEED = 11

type Columns = Record<string, readonly (number | string)[] | Float64Array>

function illicitAccounts(): Columns {
  const accounts = readAccounts(join(data, 'accounts/ethereum-fraud-accounts.csv.gz'))
  const width = illicitSpec.inputs.length
  const column = (name: string) => {
    const at = illicitSpec.inputs.findIndex((input) => input.name === name)
    return Float64Array.from(accounts.labels, (_, i) => accounts.rows[i * width + at]!)
  }
  return {
    label: Array.from(accounts.labels),
    score: outOfFold(accounts, width),
    transactionCount: column('transactionCount'),
    spanMin: column('spanMin'),
    totalReceivedEth: column('totalReceivedEth'),
  }
}

function outOfFold(all: { rows: Float32Array; labels: Uint8Array }, width: number): Float64Array {
  const scores = new Float64Array(all.labels.length)
  const fold = stratifiedFolds(all.labels, FOLDS, SEED)
  for (let k = 0; k < FOLDS; k++) {
    const forest = trainPlain(selectRows(all, width, (i) => fold[i] !== k))
    const judged = [...fold.keys()].filter((i) => fold[i] === k)
    const margins = forestMargins(forest, selectRows(all, width, (i) => fold[i] === k).rows)
    judged.forEach((row, i) => {
      scores[row] = 1 / (1 + Math.exp(-margins[i]!))
    })
  }
  return scores
}

function creditCohort(): Columns {
  const vaults = readVaults({
    eventsFolder: join(data, 'lending/maker-eth-b'),
    priceFiles: ethPriceFiles(data),
  })
  const width = liquidationSpec.inputs.length
  const distance = liquidationSpec.inputs.findIndex((input) => input.name === 'distance30d')
  return {
    label: Array.from(vaults.labels),
    timeSec: vaults.timesSec,
    vault: vaults.vaults,
    distance: Float64Array.from(vaults.labels, (_, i) => vaults.rows[i * width + distance]!),
  }
}

function marketStress(): Columns {
  const file = join(data, 'systemic/morpho-2025-11/block3_market_utilization_hourly.csv.gz')
  const records: Record<string, string>[] = parse(gunzipSync(readFileSync(file)), { columns: true })
  const number = (name: string) => Float64Array.from(records, (record) => Number(record[name]))
  return {
    market: records.map(
      (r) => `${r.collateral_symbol}/${r.loan_symbol} ${r.chain} ${r.market_unique_key?.slice(0, 6)}`,
    ),
    timeSec: number('timestamp'),
    utilization: number('utilization'),
    supplyUsd: number('supply_assets_usd'),
    borrowUsd: number('borrow_assets_usd'),
  }
}

function main(): void {
  if (!existsSync(data)) {
    process.stderr.write(`no data sets at ${data}; set PLIMSOLL_DATA to their folder\n`)
    process.exit(2)
  }
  mkdirSync(out, { recursive: true })
  const studies = {
    'illicit-accounts': illicitAccounts,
    'credit-cohort': creditCohort,
    'market-stress': marketStress,
  }
  for (const [name, columns] of Object.entries(studies)) {
    const vectors = Object.entries(columns()).map(([key, values]) => [key, vectorFromArray(values)])
    const table = new Table(Object.fromEntries(vectors))
    writeFileSync(join(out, `${name}.arrow`), tableToIPC(table, 'file'))
    process.stdout.write(`${name}.arrow: ${table.numRows} rows\n`)
  }
}

main()
