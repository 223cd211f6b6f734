/**
 * How each model is trained from the data folder, a line each. `plimsoll train`, `npm run evaluate` and the tests use this
 * table; training is deterministic, so the same files give the same bytes.
 */
import { join } from 'node:path'
import { readVaultHistory } from './credit/events'
import { ethPriceFiles, readPrices } from './credit/prices'
import { trainCredit } from './credit/train'
import { readAccounts } from './illicit/dataset'
import { trainIllicit } from './illicit/train'
import { readVaults } from './liquidation/dataset'
import { trainLiquidation } from './liquidation/train'
import { readActivities } from './novelty/dataset'
import { trainNovelty } from './novelty/train'
import type { Trained } from './publish'

export type Trainers = Record<string, () => Trained | Promise<Trained>>

/** @param options.data the data folder; read only when a trainer is called */
export function trainersOf({ data, log }: { data: string; log: (line: string) => void }): Trainers {
  const priceFiles = ethPriceFiles(data)
  const vaultFolder = join(data, 'lending/maker-eth-b')
  return {
    credit: () => trainCredit(readVaultHistory(vaultFolder), readPrices(priceFiles), { log }),
    illicit: () => {
      const accounts = readAccounts(join(data, 'accounts/ethereum-fraud-accounts.csv.gz'))
      const { rows, labels } = accounts
      return { ...trainIllicit(accounts, { log }), trainingRows: rows, trainingLabels: labels }
    },
    liquidation: () => {
      const vaults = readVaults({ eventsFolder: vaultFolder, priceFiles })
      return { ...trainLiquidation(vaults, { log }), trainingRows: vaults.rows }
    },
    novelty: () => {
      const activities = readActivities(join(data, 'accounts/ethereum-fraud-accounts.csv.gz'))
      return trainNovelty(activities, { log }).then((trained) => ({
        ...trained,
        trainingRows: activities.rows,
      }))
    },
  }
}
