/** Every worked case of the data folder names the test that holds it: one that is added to the file is noticed. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { dataPath, describeWithData } from '../support/data'
import { REFERENCE_FILE } from './reference-cases'

/** Beginning of the id → test file below test/, and the text by which it fetches the case. */
const HELD_BY: Readonly<Record<string, readonly [string, string]>> = {
  'EN-1': ['systemic/clearing.test.ts', "'EN-1'"],
  'EN-2': ['systemic/clearing.test.ts', "'EN-2'"],
  'EN-3': ['systemic/clearing.test.ts', "'EN-3'"],
  'DR-0': ['systemic/debt-rank.test.ts', "'DR-0'"],
  'DR-1': ['systemic/debt-rank.test.ts', "'DR-1'"],
  'DR-2': ['systemic/debt-rank.test.ts', "'DR-2'"],
  'ME-1': ['systemic/reconstruction.test.ts', "'ME-1'"],
  SRISK: ['systemic/shortfall.test.ts', "'SRISK'"],
  dCoVaR: ['systemic/shortfall.test.ts', "'dCoVaR'"],
  HF: ['systemic/rules/rules.test.ts', "'HF'"],
  'LIQ-50': ['systemic/rules/rules.test.ts', "'LIQ-50'"],
  'LIQ-toxic': ['systemic/rules/rules.test.ts', "'LIQ-toxic'"],
  SPIRAL: ['systemic/spiral.test.ts', "'SPIRAL'"],
  'MORPHO-LIF': ['systemic/rules/rules.test.ts', "'MORPHO-LIF'"],
  'ADAPTIVE-IRM': ['systemic/rules/rates.test.ts', "'ADAPTIVE-IRM'"],
  KINK: ['systemic/rules/rates.test.ts', "'KINK'"],
  EIP1559: ['systemic/rules/rates.test.ts', "'EIP1559'"],
  LVR: ['systemic/rules/rates.test.ts', "'LVR'"],
  IL: ['systemic/rules/rates.test.ts', "'IL'"],
  TAINT: ['features/taint.test.ts', "'TAINT'"],
  'FORTA-combine': ['alerts/combine.test.ts', "'FORTA-combine'"],
  'CAPO-replay': ['systemic/rules/oracle.test.ts', "'CAPO-replay'"],
  'MOONWELL-replay': ['systemic/rules/oracle.test.ts', "'MOONWELL-replay'"],
}

describeWithData('reference cases', [REFERENCE_FILE], () => {
  const ids = (JSON.parse(readFileSync(dataPath(REFERENCE_FILE)!, 'utf8')) as { id: string }[]).map(
    ({ id }) => id,
  )
  /** The longest beginning, so that LIQ-50 is not taken for another LIQ. */
  const beginningOf = (id: string) =>
    Object.keys(HELD_BY)
      .filter((start) => id === start || id.startsWith(`${start} `))
      .sort((a, b) => b.length - a.length)[0]

  it('are all held by a test', () => {
    expect(ids.filter((id) => beginningOf(id) === undefined)).toEqual([])
    expect(ids.length).toBeGreaterThanOrEqual(Object.keys(HELD_BY).length)
  })

  it.each(Object.entries(HELD_BY))('%s is fetched where the list says', (_, [file, text]) => {
    expect(readFileSync(resolve(__dirname, '..', file), 'utf8')).toContain(text)
  })
})
