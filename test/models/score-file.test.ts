import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Float64, Int32, makeVector, Table, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deriveInputs } from '../../src/models/derive'
import { illicitSpec } from '../../src/models/illicit/spec'
import { models } from '../../src/models/registry'
import { columnsHelp } from '../../src/models/score-columns'
import { scoreFile } from '../../src/models/score-file'
import { openModels } from '../../src/models/session'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plimsoll-score-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

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
    const runtime = await openModels({ names: ['illicit'] })
    const { values } = await runtime.score('illicit', Float64Array.from(row), 1)
    await runtime.close()
    const [line] = await linesOf(write(`${header}\nx,3,9,,120.5,NaN,2\n`))
    const [id, score, reasons] = line!.split(',')
    expect(id).toBe('x')
    expect(Number(score)).toBe(values[0])
    expect(reasons).toMatch(/^\w+ \S+ (raises|lowers) by \d+\.\d{3}; /)
  })

  it('leaves the score empty and says why where the model is silent', async () => {
    const lines = await linesOf(write(`${header}\na,0,0,0,0,0,0\nb,1,1,0,5,1,1\n`))
    expect(lines[0]).toMatch(/^a,,"?illicit abstains: transactionCount is 0/)
    expect(lines[1]).toMatch(/^b,0\.\d+,/)
    const lending = await linesOf(write('id,volatility\nv,0.5\n'), 'liquidation')
    expect(lending[0]).toMatch(/^v,,/)
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
    ['a repeated id', 'id,spanMin\na,1\nb,2\na,3\n', 'rows 1 and 3 have the same id "a"'],
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
