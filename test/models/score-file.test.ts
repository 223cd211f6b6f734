import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Float64, Int32, makeVector, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deriveInputs } from '../../src/models/derive'
import { plainInputs } from '../../src/models/illicit/inputs'
import { illicitSpec } from '../../src/models/illicit/spec'
import { models } from '../../src/models/registry'
import { columnsHelp } from '../../src/models/score-columns'
import { type ScoreFileOptions, scoreFile as scoreAnyFile } from '../../src/models/score-file'
import { type ModelRuntime, openModels } from '../../src/models/session'
import { dataPath, describeWithData } from '../support/data'

let folder: string
let runtime: ModelRuntime
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-score-'))
  runtime = await openModels()
})
afterAll(async () => {
  await runtime.close()
  rmSync(folder, { recursive: true })
})

/** Opening a model takes longer than all else here, so they are open once; that `scoreFile` opens them is a test of its own. */
const scoreFile = (options: ScoreFileOptions) => scoreAnyFile({ ...options, runtime })

let files = 0
function write(content: string | Uint8Array, extension = 'csv'): string {
  const path = join(folder, `in-${files++}.${extension}`)
  writeFileSync(path, content)
  return path
}

/** Scores a file and returns the output's lines without the header. */
async function linesOf(inFile: string, model = 'illicit'): Promise<string[]> {
  const outFile = join(folder, `out-${files++}.csv`)
  await scoreFile({ model, inFile, outFile })
  const [header, ...lines] = readFileSync(outFile, 'utf8').trimEnd().split('\n')
  expect(header).toBe('id,score,reasons')
  return lines
}

const header = 'id,sentCount,receivedCount,createdCount,spanMin,totalSentEth,totalReceivedEth'

describe('scoring a CSV', () => {
  it('gives what the model itself says of the row, derived inputs and missing columns included', async () => {
    const row = illicitSpec.inputs.map(() => Number.NaN)
    const put = (name: string, value: number) => {
      row[illicitSpec.inputs.findIndex((input) => input.name === name)] = value
    }
    for (const [name, value] of Object.entries({
      sentCount: 3,
      receivedCount: 9,
      spanMin: 120.5,
      totalReceivedEth: 2,
    })) {
      put(name, value)
    }
    deriveInputs(illicitSpec, row)
    const { values } = await runtime.score('illicit', Float64Array.from(row), 1)
    const [line] = await linesOf(write(`${header}\nx,3,9,,120.5,NaN,2\n`))
    const [id, score, reasons] = line!.split(',')
    expect(id).toBe('x')
    expect(Number(score)).toBe(values[0])
    expect(reasons).toMatch(/^\w+ \S+ (raises|lowers) by \d+\.\d{3}; /)
  })

  it('answers a life of zeros and says that it lies outside of what was learnt', async () => {
    const lines = await linesOf(write(`${header}\na,0,0,0,0,0,0\nb,1,1,0,5,1,1\n`))
    expect(lines[0]).toMatch(/^a,0\.\d+,.*; outside of what illicit learnt: transactionCount 0$/)
    expect(lines[1]).toMatch(/^b,0\.\d+,/)
    expect(lines[1]).not.toContain('outside')
  })

  it('leaves the score empty and says why where nothing is known, or something that is needed is missing', async () => {
    const lines = await linesOf(write(`${header}\na,,,NaN,,,\nb,,,,3,,\n`))
    expect(lines[0]).toBe('a,,no inputs')
    expect(lines[1]).toMatch(/^b,0\.\d+,/)
    const lending = await linesOf(write('id,volatility\nv,0.5\nw,\n'), 'liquidation')
    expect(lending[0]).toMatch(/^v,,"?liquidation abstains/)
    expect(lending[1]).toBe('w,,no inputs')
    const quiet = await linesOf(write('id,transactionCount\nq,0\n'), 'novelty')
    expect(quiet[0]).toMatch(/^q,,"?novelty abstains: transactionCount is 0/)
  })

  it('gives a row for each row, in order, ids as they are, also where ids repeat', async () => {
    const inFile = write(
      `${header}\nx ,1,1,0,5,1,1\n0xAB,3,9,0,5,1,1\nx ,1,1,0,5,1,1\n0xab,3,9,0,5,1,1\nx ,2,1,0,5,1,1\n`,
    )
    const outFile = join(folder, 'repeats.csv')
    expect(await scoreFile({ model: 'illicit', inFile, outFile })).toEqual({
      ...{ rows: 5, unscored: 0, repeatedIds: 2 },
      firstRepeat: { id: 'x ', row: 3 },
    })
    const lines = readFileSync(outFile, 'utf8').trimEnd().split('\n').slice(1)
    expect(lines.map((line) => line.split(',')[0])).toEqual(['x ', '0xAB', 'x ', '0xab', 'x '])
    expect(lines[2]).toBe(lines[0])
    expect(lines[4]).not.toBe(lines[0])
  })

  it('does not mind case, spaces around a name, or how many between its words', async () => {
    const odd = 'ADDRESS, sentcount ,Received  tnx,CREATEDCOUNT,SpanMin,TOTAL ETHER SENT,\ttotalReceivedEth'
    expect(await linesOf(write(`${odd}\nx,3,9,0,120.5,1,2\n`))).toEqual(
      await linesOf(write(`${header}\nx,3,9,0,120.5,1,2\n`)),
    )
  })

  it('takes the headers of the public labelled set, stray spaces and unused columns included', async () => {
    const theirs = illicitSpec.inputs.flatMap(({ aliases = [] }) => aliases)
    const names = [
      '',
      'Index',
      'Address',
      'FLAG',
      ...theirs,
      'total ether balance',
      'ERC20_most_rec_token_type',
    ]
    const cells = ['0', '7', '0xab', '1', ...theirs.map((_, i) => `${i + 1}`), '3', 'text, quoted']
    const line = (values: string[]) => values.map((value) => `"${value}"`).join(',')
    const [spaced] = await linesOf(write(`﻿${line(names.map((name) => ` ${name} `))}\r\n${line(cells)}\r\n`))
    const ours = illicitSpec.inputs.filter(({ aliases }) => aliases).map(({ name }) => name)
    const [plain] = await linesOf(write(`id,${ours.join()}\n0xab,${ours.map((_, i) => i + 1).join()}\n`))
    expect(spaced).toBe(plain)
  })

  it('keeps the order of many rows and quotes ids that need it', async () => {
    const count = 20_000
    const rows = Array.from({ length: count }, (_, i) => `"r,${i}",${i % 50},${i % 7},0,${i},1,1`)
    const lines = await linesOf(write(`${header}\n${rows.join('\n')}\n`))
    expect(lines).toHaveLength(count)
    for (let i = 0; i < count; i += 997) expect(lines[i]!.startsWith(`"r,${i}",`)).toBe(true)
  })
})

/** Ports to threads: each thread that is in use has one. */
const openPorts = () => process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort').length

it('opens the model where none is open, to the same result, and closes it also after a fault', async () => {
  const inFile = write(`${header}\nx,3,9,,120.5,NaN,2\n`)
  const outFile = join(folder, 'opened.csv')
  const before = openPorts()
  expect(await scoreAnyFile({ model: 'illicit', inFile, outFile })).toMatchObject({ rows: 1, unscored: 0 })
  const [, ...lines] = readFileSync(outFile, 'utf8').trimEnd().split('\n')
  expect(lines).toEqual(await linesOf(inFile))
  const bad = write('id,spanMin\na,oops\n')
  await expect(scoreAnyFile({ model: 'illicit', inFile: bad, outFile })).rejects.toThrow('oops')
  expect(openPorts()).toBeLessThanOrEqual(before)
})

describe('scoring Arrow', () => {
  const table = new Table({
    subjectId: vectorFromArray(['a', 'b', 'c'], new Utf8()),
    sentCount: vectorFromArray([3, 0, null], new Int32()),
    receivedCount: vectorFromArray([9, 4, 2], new Float64()),
    spanMin: makeVector(Float32Array.of(120.5, 3, 4)),
  })
  const csv = 'id,sentCount,receivedCount,spanMin\na,3,9,120.5\nb,0,4,3\nc,,2,4\n'

  it.each(['file', 'stream'] as const)('%s gives the same lines as the same rows in CSV', async (kind) => {
    expect(await linesOf(write(tableToIPC(table, kind), 'arrow'))).toEqual(await linesOf(write(csv)))
  })

  it('refuses text and infinities where numbers belong, and what is no Arrow file', async () => {
    const text = new Table({
      id: vectorFromArray(['a'], new Utf8()),
      spanMin: vectorFromArray(['1'], new Utf8()),
    })
    const endless = new Table({
      id: vectorFromArray(['a'], new Utf8()),
      spanMin: makeVector(Float64Array.of(Infinity)),
    })
    const fault = (file: string) =>
      scoreFile({ model: 'illicit', inFile: file, outFile: join(folder, 'never.csv') })
    await expect(fault(write(tableToIPC(text), 'arrow'))).rejects.toThrow(
      'column spanMin has Arrow type Utf8',
    )
    await expect(fault(write(tableToIPC(endless), 'arrow'))).rejects.toThrow(
      'row 1, column spanMin: "Infinity"',
    )
    await expect(fault(write('not arrow at all', 'arrow'))).rejects.toThrow(/cannot read|has no rows/)
  })
})

describe('a wrong file', () => {
  it.each([
    ['an unknown column', `${header},surprise\na,1,1,1,1,1,1,1\n`, 'unknown columns'],
    ['no id', 'sentCount\n1\n', 'no column "id"'],
    ['nothing of the model', 'id\na\n', 'no column of model illicit'],
    ['a column twice', 'id,sentCount, Sent tnx \na,1,2\n', '"sentCount" and "Sent tnx" both mean sentCount'],
    ['text', 'id,spanMin\na,long\n', 'row 1, column spanMin: "long" is not a number'],
    ['hexadecimal', 'id,spanMin\na,0x10\n', '"0x10" is not a number'],
    ['an infinity', 'id,spanMin\na,1\nb,-inf\n', 'row 2, column spanMin: "-inf" is infinite'],
    ['a number beyond float32', 'id,spanMin\na,1e39\n', 'too large for float32'],
    ['two names of one column', 'id,ID,spanMin\na,b,1\n', '"id" and "ID" both mean id'],
    ['an empty id', 'id,spanMin\n ,1\n', 'row 1: the id is empty'],
    ['a short row', 'id,spanMin\na\n', 'line 2'],
    ['a header alone', 'id,spanMin\n', 'has no rows'],
    ['nothing', '', 'is empty'],
  ])('with %s is refused by name, and nothing is written', async (_, content, message) => {
    const outFile = join(folder, 'refused.csv')
    await expect(scoreFile({ model: 'illicit', inFile: write(content), outFile })).rejects.toThrow(message)
    expect(existsSync(outFile)).toBe(false)
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('leaves an earlier result as it was', async () => {
    const outFile = join(folder, 'kept.csv')
    writeFileSync(outFile, 'before')
    const bad = write('id,spanMin\na,oops\n')
    await expect(scoreFile({ model: 'illicit', inFile: bad, outFile })).rejects.toThrow('oops')
    expect(readFileSync(outFile, 'utf8')).toBe('before')
  })

  it('is not looked for under a model or a name that does not fit', async () => {
    const file = write('id,spanMin\na,1\n')
    const to = (model: string, inFile: string, outFile: string) => scoreFile({ model, inFile, outFile })
    await expect(to('nobody', file, 'x.csv')).rejects.toThrow('no model "nobody"; there are: ')
    await expect(to('illicit', join(folder, 'absent.csv'), 'x.csv')).rejects.toThrow('there is no file')
    await expect(to('illicit', file, file)).rejects.toThrow('would be read')
    await expect(to('illicit', file, 'x.json')).rejects.toThrow('.csv')
    await expect(to('illicit', write('id\n', 'txt'), join(folder, 'x.csv'))).rejects.toThrow('format')
  })
})

it.each(Object.values(models).map((spec) => [spec.name, spec] as const))(
  'the help of %s names every column',
  (_, spec) => {
    const help = columnsHelp(spec)
    for (const { name, unit } of spec.inputs) expect(help).toContain(`${name} [${unit}]`)
    expect(help).toContain('missing')
  },
)

const kaggle = 'accounts/ethereum-fraud-accounts.csv.gz'
describeWithData('the public labelled file', [kaggle], () => {
  const csv = gunzipSync(readFileSync(dataPath(kaggle)!)).toString()
  const records: string[][] = parse(csv)
  const [names, rows] = [records[0]!, records.slice(1)]

  /** Every column with its own header, numbers as numbers, empty cells as nulls. */
  function arrow(keep: (name: string) => boolean): Uint8Array {
    const columns = names.flatMap((name, c) => {
      if (!keep(name)) return []
      const cells = rows.map((row) => row[c]!)
      const isNumber = cells.every((cell) => cell === '' || Number.isFinite(Number(cell)))
      const vector = isNumber
        ? vectorFromArray(
            cells.map((cell) => (cell === '' ? null : Number(cell))),
            new Float64(),
          )
        : vectorFromArray(cells, new Utf8())
      return [[name, vector] as const]
    })
    return tableToIPC(new Table(Object.fromEntries(columns)), 'file')
  }

  it('gets a score in 0..1 for every row, repeated addresses and empty accounts included, as CSV and as Arrow', async () => {
    const outFile = join(folder, 'kaggle.csv')
    const result = await scoreFile({ model: 'illicit', inFile: write(csv), outFile })
    expect(result).toMatchObject({ rows: 9841, unscored: 0, repeatedIds: 25 })
    const lines: string[][] = parse(readFileSync(outFile, 'utf8')).slice(1)
    lines.forEach(([id, score], i) => {
      expect(id).toBe(rows[i]![2])
      expect(score).toMatch(/^\d/)
      expect(Number(score)).toBeGreaterThanOrEqual(0)
      expect(Number(score)).toBeLessThanOrEqual(1)
    })
    const fromArrow = join(folder, 'kaggle-arrow.csv')
    await scoreFile({
      model: 'illicit',
      inFile: write(
        arrow(() => true),
        'arrow',
      ),
      outFile: fromArrow,
    })
    expect(readFileSync(fromArrow).equals(readFileSync(outFile))).toBe(true)
  })

  it('is read by the novelty model as well, which says nothing about accounts without a transaction', async () => {
    const outFile = join(folder, 'kaggle-novelty.csv')
    await scoreFile({ model: 'novelty', inFile: write(csv), outFile })
    const lines: string[][] = parse(readFileSync(outFile, 'utf8')).slice(1)
    const count = names.findIndex((name) => name.startsWith('total transactions'))
    lines.forEach(([, score], i) => {
      expect(score === '').toBe(Number(rows[i]![count]) === 0)
    })
  })

  it('is scored from its native-coin columns alone', async () => {
    const ethColumns = new Set(['address', ...plainInputs.flatMap(({ aliases = [] }) => aliases)])
    const keep = (name: string) => ethColumns.has(name.trim()) || name === 'Address'
    const outFile = join(folder, 'kaggle-plain.csv')
    const inFile = write(arrow(keep), 'arrow')
    expect(await scoreFile({ model: 'illicit', inFile, outFile })).toMatchObject({ rows: 9841, unscored: 0 })
    const scores = parse(readFileSync(outFile, 'utf8'))
      .slice(1)
      .map((line: string[]) => Number(line[1]))
    expect(scores.every((score: number) => score >= 0 && score <= 1)).toBe(true)
    expect(new Set(scores).size).toBeGreaterThan(3000)
  })
})
