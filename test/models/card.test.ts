import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cardTable } from '../../src/models/card'
import { modelFolder, models } from '../../src/models/registry'

describe.each(Object.keys(models))('the card of %s', (name) => {
  const card = readFileSync(resolve(__dirname, `../../docs/models/${name}.md`), 'utf8')
  const metrics = JSON.parse(readFileSync(join(modelFolder(name), 'metrics.json'), 'utf8'))

  it('shows exactly the figures of metrics.json', () => {
    const table = cardTable(metrics)
    expect(table).toContain(`| metrics.auc | ${metrics.metrics.auc.value.toFixed(4)} |`)
    expect(card).toContain(table)
  })

  it('names its limits and its data', () => {
    expect(card).toContain('## Limits')
    expect(card).toContain('**Data.**')
  })
})
