/**
 * `npx tsx scripts/train.ts <model>` trains a model from the data folder (PLIMSOLL_DATA, default ../shared/data) and
 * writes its model.onnx, metrics.json and golden.json. `--card` prints the table of figures for its model card instead.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cardTable } from '../src/models/card'
import { readVaultHistory } from '../src/models/credit/events'
import { readPrices } from '../src/models/credit/prices'
import { trainCredit } from '../src/models/credit/train'
import { readAccounts } from '../src/models/illicit/dataset'
import { trainIllicit } from '../src/models/illicit/train'
import { readVaults } from '../src/models/liquidation/dataset'
import { trainLiquidation } from '../src/models/liquidation/train'
import { publishModel, type Trained } from '../src/models/publish'
import { modelFolder } from '../src/models/registry'

const data = resolve(process.env.PLIMSOLL_DATA ?? join(__dirname, '../../shared/data'))
const log = (line: string) => process.stdout.write(`${line}\n`)

const trainers: Record<string, () => Trained> = {
  credit: () =>
    trainCredit(
      readVaultHistory(join(data, 'lending/maker-eth-b')),
      readPrices(
        ['eth-usdt-hourly-2017-2021.csv.gz', 'eth-usdt-hourly-2021-2023.csv.gz'].map((name) =>
          join(data, 'prices', name),
        ),
      ),
      { log },
    ),
  illicit: () => trainIllicit(readAccounts(join(data, 'accounts/ethereum-fraud-accounts.csv.gz')), { log }),
  liquidation: () =>
    trainLiquidation(
      readVaults({
        eventsFolder: join(data, 'lending/maker-eth-b'),
        priceFiles: ['eth-usdt-hourly-2017-2021.csv.gz', 'eth-usdt-hourly-2021-2023.csv.gz'].map((name) =>
          join(data, 'prices', name),
        ),
      }),
      { log },
    ),
}

function main(): void {
  const [name = '', ...flags] = process.argv.slice(2)
  const train = Object.hasOwn(trainers, name) ? trainers[name] : undefined
  if (!train) {
    process.stderr.write(`usage: npx tsx scripts/train.ts <${Object.keys(trainers).join('|')}> [--card]\n`)
    process.exit(2)
  }
  if (flags.includes('--card')) {
    log(cardTable(JSON.parse(readFileSync(join(modelFolder(name), 'metrics.json'), 'utf8'))))
    return
  }
  if (!existsSync(data)) {
    process.stderr.write(
      `no training data at ${data}; set PLIMSOLL_DATA to the folder described in the model cards\n`,
    )
    process.exit(2)
  }
  const started = Date.now()
  const sha256 = publishModel(train(), modelFolder(name))
  log(`${name}: SHA-256 ${sha256}, ${((Date.now() - started) / 1000).toFixed(1)} s`)
}

main()
