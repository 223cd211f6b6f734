import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { trainInThreads } from '../../src/models/train-threads'

async function namesOf(names: readonly string[], data: string): Promise<string[]> {
  const done: string[] = []
  for await (const { name } of trainInThreads(names, data)) done.push(name)
  return done
}

it('trains nothing when nothing is asked for', async () => {
  expect(await namesOf([], tmpdir())).toEqual([])
})

it('throws what a training throws, and ends the others', async () => {
  await expect(namesOf(['illicit', 'liquidation'], `${tmpdir()}/nowhere`)).rejects.toThrow('ENOENT')
})
