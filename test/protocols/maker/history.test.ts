/**
 * Seven months of ETH-B vaults: with stability fees reckoned, nobody repays more than is owed; without, most do.
 *
 * The histories hold DAI drawn and repaid, and the ilk's fee as a yearly rate. A vault's normalised debt is kept as the vat
 * keeps it, at the rate of the moment; the vat's own rate is that of the last drip, a little lower, so what remains of a
 * vault that was paid off is a small positive rest.
 */
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { Hex } from '../../../src/chains/types'
import { urnOf } from '../../../src/protocols/maker/decode-owner'
import { rateAfterDrip } from '../../../src/protocols/maker/jug'
import { dataPath, describeWithData } from '../../support/data'
import { MANAGER, RAY } from './notes'

const FOLDER = 'lending/maker-eth-b'
const FILES = [
  'ethb_dai_borrows',
  'ethb_dai_repayments',
  'ethb_vault_liquidations',
  'ethb_vault_creations',
  'ETHB-Parameter-Changes',
]
const PATHS = FILES.map((name) => `${FOLDER}/${name}.csv.gz`)

function rows(name: string): string[][] {
  const text = gunzipSync(readFileSync(dataPath(`${FOLDER}/${name}.csv.gz`)!)).toString('utf8')
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
}

const seconds = (text: string) => Date.parse(`${text.replace(' ', 'T').replace(/T(\d):/, 'T0$1:')}Z`) / 1000

function wad(text: string): bigint {
  const [whole, part = ''] = text.split('.')
  return BigInt(`${whole}${part.padEnd(18, '0').slice(0, 18)}`)
}

/** Maker's duties are yearly rates a second, given to fifteen decimals here. */
const perSecondRay = (yearly: number) =>
  RAY + BigInt(Math.round(((1 + yearly) ** (1 / 31_536_000) - 1) * 1e15)) * 10n ** 12n

/** The rate at a time, had every second been dripped. */
function rateAt(timeSec: number, duties: readonly { fromSec: number; dutyRay: bigint }[]): bigint {
  let rate = RAY
  duties.forEach(({ fromSec, dutyRay }, i) => {
    const toSec = Math.min(timeSec, duties[i + 1]?.fromSec ?? timeSec)
    if (toSec > fromSec) rate = rateAfterDrip(rate, dutyRay, BigInt(toSec - fromSec))
  })
  return rate
}

describeWithData('the history of ETH-B vaults', PATHS, () => {
  it('repays fees: naive debts go negative, normalised ones never', () => {
    const duties = rows('ETHB-Parameter-Changes')
      .filter(([, , , , parameter]) => parameter === 'JUG.ilks.duty')
      .map((row) => ({ fromSec: seconds(row[1]!), dutyRay: perSecondRay(Number(row[7])) }))
      .sort((a, b) => a.fromSec - b.fromSec)
    expect(duties.length).toBeGreaterThan(5)
    const liquidated = new Set(rows('ethb_vault_liquidations').map((row) => row[2]!))
    const moves = [
      ...rows('ethb_dai_borrows').map((row) => ({
        vault: row[2]!,
        timeSec: seconds(row[1]!),
        dai: wad(row[3]!),
      })),
      ...rows('ethb_dai_repayments').map((row) => ({
        vault: row[2]!,
        timeSec: seconds(row[1]!),
        dai: -wad(row[3]!),
      })),
    ].filter(({ vault }) => !liquidated.has(vault))
    moves.sort((a, b) => a.timeSec - b.timeSec)
    const vaults = new Map<string, { naive: bigint; art: bigint; drawn: bigint; lowest: bigint }>()
    for (const { vault, timeSec, dai } of moves) {
      const entry = vaults.get(vault) ?? { naive: 0n, art: 0n, drawn: 0n, lowest: 0n }
      entry.naive += dai
      entry.art += (dai * RAY) / rateAt(timeSec, duties)
      if (dai > 0n) entry.drawn += dai
      if (entry.art < entry.lowest) entry.lowest = entry.art
      vaults.set(vault, entry)
    }
    const overpaid = [...vaults.values()].filter(({ naive }) => naive < 0n)
    const rests = overpaid.filter(({ art, drawn }) => art * 10_000n < drawn)
    console.info(
      `ETH-B: ${vaults.size} vaults, ${overpaid.length} repaid more than they drew, ${rests.length} within 1e-4`,
    )
    expect(overpaid.length).toBeGreaterThan(vaults.size / 2)
    for (const { lowest } of vaults.values()) expect(lowest).toBe(0n)
    expect(rests.length).toBeGreaterThan(overpaid.length * 0.9)
  })

  it('has each vault at the urn that its number makes', () => {
    const created = rows('ethb_vault_creations')
    expect(created.length).toBeGreaterThan(500)
    for (const [, , vault, , urn] of created)
      expect(urnOf(MANAGER, BigInt(vault!))).toBe(urn!.toLowerCase() as Hex)
  })
})
