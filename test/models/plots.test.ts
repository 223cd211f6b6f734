/** The plots of the cards: shown, there, and of the committed figures. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { drawCards, PLOTS_FOLDER } from '../../scripts/plot-cards'
import { models } from '../../src/models/registry'

let drawn: Record<string, string>
beforeAll(async () => {
  drawn = await drawCards()
})

it('are those of the committed metrics.json, byte for byte, and no others', () => {
  expect(readdirSync(PLOTS_FOLDER).sort()).toEqual(Object.keys(drawn).sort())
  for (const [name, svg] of Object.entries(drawn))
    expect(readFileSync(join(PLOTS_FOLDER, name), 'utf8') === svg, `${name}: run npm run evaluate`).toBe(true)
})

describe.each(Object.keys(models))('the card of %s', (model) => {
  const card = readFileSync(resolve(__dirname, `../../docs/models/${model}.md`), 'utf8')

  it('shows its plots: reliability, precision against recall, importance', () => {
    const shown = [...card.matchAll(/!\[[^\]]+\]\(plots\/([^)]+)\)/g)].map((match) => match[1])
    expect(shown.sort()).toEqual(
      Object.keys(drawn)
        .filter((name) => name.startsWith(`${model}-`))
        .sort(),
    )
    for (const plot of ['reliability', 'precision-recall', 'importance'])
      expect(shown).toContain(`${model}-${plot}.svg`)
  })

  it('has a bias audit by chain, age and size', () => {
    expect(card).toContain('## Bias audit')
    for (const cohort of [
      'chain',
      'age',
      model === 'illicit' || model === 'novelty' ? 'receivedEth' : 'debtDai',
    ])
      expect(card).toMatch(new RegExp(`\\| cohorts\\.\\w*\\.?${cohort}`))
  })
})
