/** Made folders of lending histories and price files: small worlds whose outcome is known. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

export const START_SEC = Date.UTC(2021, 0, 1) / 1000
export const DAY_SEC = 86_400

export type Csv = Record<string, string[]>

const HEADERS: Readonly<Record<string, string>> = {
  'ETHB-Parameter-Changes': 'BLOCK,TIMESTAMP,TX_HASH,SOURCE,PARAMETER,ILK,FROM_VALUE,TO_VALUE,SOURCE_TYPE',
  ethb_vault_deposits: 'BLOCK_NUMBER,BLOCK_TIMESTAMP,URN_ADDRESS,ILK,VAULT_NUMBER,DEPOSIT_AMOUNT_ADJ',
  ethb_vault_withdrawals: 'BLOCK_NUMBER,BLOCK_TIMESTAMP,URN_ADDRESS,ILK,VAULT_NUMBER,WITHDRAWN_AMOUNT_ADJ',
  ethb_dai_borrows: 'BLOCK_NUMBER,BLOCK_TIMESTAMP,VAULT_NUMBER,DAI_MINTED',
  ethb_dai_repayments: 'BLOCK_NUMBER,BLOCK_TIMESTAMP,VAULT_NUMBER,DAI_REPAYED',
  ethb_vault_liquidations:
    'BLOCK_NUMBER,BLOCK_TIMESTAMP,VAULT_NUMBER,COLLATERAL_LIQUIDATED_AMOUNT,DAI_REPAYED_AMOUNT',
}

export function time(day: number): string {
  return new Date((START_SEC + day * DAY_SEC) * 1000).toISOString().replace('T', ' ').replace('Z', '')
}

/** Lines of every file; `day` counts from 2021-01-01. */
export function emptyWorld(): Csv {
  const world: Csv = Object.fromEntries(Object.keys(HEADERS).map((name) => [name, []]))
  const parameter = (name: string, value: number) =>
    `1,${time(-10).slice(0, 19)},0x,0x,${name},ETH-B,0,${value},Spell`
  world['ETHB-Parameter-Changes']!.push(parameter('JUG.ilks.duty', 0.05), parameter('SPOTTER.ilks.mat', 1.3))
  return world
}

export const open = (world: Csv, vault: number, day: number, eth: number, dai: number): void => {
  world.ethb_vault_deposits!.push(`${100 + day},${time(day)},0x,ETH-B,${vault},${eth}`)
  world.ethb_dai_borrows!.push(`${100 + day},${time(day)},${vault},${dai}`)
}
export const repay = (world: Csv, vault: number, day: number, dai: number): void => {
  world.ethb_dai_repayments!.push(`${100 + day},${time(day)},${vault},${dai}`)
}
export const liquidate = (world: Csv, vault: number, day: number, eth: number, dai: number): void => {
  world.ethb_vault_liquidations!.push(`${100 + day},${time(day)},${vault},${eth},${dai}`)
}

export function write(world: Csv, { gzip = true }: { gzip?: boolean } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-credit-'))
  for (const [name, lines] of Object.entries(world)) {
    const text = [HEADERS[name], ...lines, ''].join('\n')
    writeFileSync(join(folder, gzip ? `${name}.csv.gz` : `${name}.csv`), gzip ? gzipSync(text) : text)
  }
  return folder
}

/** Hourly closes from 60 days before the start: `closeAt` of days since the start. */
export function writePrices(closeAt: (day: number) => number, days = 260): string {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-prices-'))
  mkdirSync(folder, { recursive: true })
  const lines = ['date,open,high,low,close,volume,ticker']
  for (let hour = -60 * 24; hour < days * 24; hour++) {
    lines.push(`${time(hour / 24).slice(0, 19)},1,1,1,${closeAt(hour / 24)},1,ETHUSDT`)
  }
  const path = join(folder, 'eth.csv')
  writeFileSync(path, lines.join('\n'))
  return path
}

/** Price 1000 with a daily wave, and a crash of 30 % for a day every 40 days. */
export function stormyPrice(day: number): number {
  const crash = day > 0 && day % 40 >= 39 ? 0.7 : 1
  return Number((1000 * crash * (1 + 0.02 * Math.sin(day * 2 * Math.PI))).toFixed(4))
}

/** 40 vaults a season, from reckless to safe; each crash liquidates those it reaches. */
export function stormyWorld(seasons = 5): Csv {
  const world = emptyWorld()
  for (let season = 0; season < seasons; season++) {
    for (let i = 0; i < 40; i++) {
      const vault = season * 100 + i
      const health = 1.1 + i * 0.04
      const dai = Math.round(10_000 / 1.3 / health)
      open(world, vault, season * 40 + 1 + (i % 5), 10, dai)
      if (health * 0.7 * 0.99 < 1) liquidate(world, vault, season * 40 + 39.2, 10, dai)
      else repay(world, vault, season * 40 + 39.8, dai * 2)
    }
  }
  return world
}
