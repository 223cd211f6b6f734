import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cardTable } from '../../src/models/card'
import { figureChanges, runEvaluate, withTable } from '../../src/models/evaluate-command'
import { publishModel } from '../../src/models/publish'
import { runTrain } from '../../src/models/train-command'
import { madeModel, makeVersion } from './made-version'

it('says nothing changed when nothing did, and names every figure that did', async () => {
  const { folder, cardPath } = makeVersion({ weight: 2 })
  const lines: string[] = []
  const evaluate = (auc: number) =>
    runEvaluate({
      ...{
        data: tmpdir(),
        log: (line: string) => void lines.push(line),
        folderOf: () => folder,
        cardOf: () => cardPath,
      },
      trainers: { credit: () => madeModel({ weight: 2, auc }) },
    })
  expect(await evaluate(0.9)).toEqual({ credit: [] })
  expect(lines[0]).toMatch(/^credit: .* nothing changed$/)
  const changed = await evaluate(0.85)
  expect(changed.credit).toEqual([
    expect.stringMatching(/^metrics.json metrics.auc.value: 0.9 → 0.85$/),
    expect.stringMatching(/^metrics.json metrics.auc.low: /),
    expect.stringMatching(/^metrics.json metrics.auc.high: /),
    'the table of the card',
  ])
  expect(readFileSync(cardPath, 'utf8')).toContain(
    cardTable(JSON.parse(readFileSync(join(folder, 'metrics.json'), 'utf8'))),
  )
  expect(readFileSync(cardPath, 'utf8')).toContain('## Limits')
})

it('says so when a card has no table', () => {
  expect(withTable('# Card\n', '| x |')).toBeUndefined()
})

it('tells figures that came and went', () => {
  expect(figureChanges('{"a":1,"b":{"c":2}}', '{"b":{"c":3},"d":[4]}')).toEqual([
    'metrics.json a: 1 → absent',
    'metrics.json b.c: 2 → 3',
    'metrics.json d.0: absent → 4',
  ])
})

it('publishes the same bytes twice', () => {
  const [a, b] = [mkdtempSync(join(tmpdir(), 'plimsoll-a-')), mkdtempSync(join(tmpdir(), 'plimsoll-b-'))]
  for (const folder of [a, b]) publishModel(madeModel({ weight: 1.5 }), folder)
  for (const file of ['model.onnx', 'metrics.json', 'golden.json', 'reference.json']) {
    expect(readFileSync(join(a, file)).equals(readFileSync(join(b, file)))).toBe(true)
  }
})

it('refuses a model that it cannot train, and a data folder that is not there', async () => {
  const log = () => undefined
  await expect(runTrain({ name: 'toString', data: '/', log })).rejects.toThrow(
    'there is no trainer for "toString"',
  )
  await expect(runTrain({ name: 'credit', data: '/nowhere', log })).rejects.toThrow(
    'no training data at /nowhere',
  )
})
