import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { runScore } from '../../src/models/score-command'

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-score-command-'))
let said: string[]
beforeEach(() => {
  said = []
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(String(text))
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

async function score(content: string): Promise<string> {
  const [inFile, outFile] = [join(folder, 'in.csv'), join(folder, 'out.csv')]
  writeFileSync(inFile, content)
  await runScore({ model: 'illicit', in: inFile, out: outFile })
  return readFileSync(outFile, 'utf8')
}

it('counts repeated ids in one line of warning, and nothing where there are none', async () => {
  expect((await score('id,spanMin\na,1\nb,2\na,3\na,4\n')).trimEnd().split('\n')).toHaveLength(5)
  expect(said).toHaveLength(2)
  expect(said[0]).toBe('warning: 2 rows repeat the id of an earlier row, the first is row 3 ("a")\n')
  said = []
  await score('id,spanMin\na,1\nb,\n')
  expect(said).toEqual([expect.stringMatching(/^2 rows read, .*out\.csv, 1 rows are without a score\n$/)])
})

it('needs both files', async () => {
  await expect(runScore({ model: 'illicit', in: 'x.csv' })).rejects.toThrow('score needs --in and --out')
})
