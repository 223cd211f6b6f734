import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { openJournal, replayJournal } from '../../demo/journal'
import { startWorld, type World } from '../../demo/world'

// Real nodes on a shared machine: slow when others are busy.
vi.setConfig({ testTimeout: 180_000 })

const worlds: World[] = []
let folder: string | undefined
afterAll(async () => {
  await Promise.all(worlds.map((world) => world.stop()))
  if (folder !== undefined) await rm(folder, { recursive: true, force: true })
})

async function open(): Promise<World> {
  const world = await startWorld({ chain: 'lagoon', seed: 21, mining: 'manual' })
  worlds.push(world)
  return world
}

it('replays blocks to the same hashes, follows a reorg it was not told of, and stops at a block it cannot repeat', async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-journal-'))
  const file = join(folder, 'journal')
  const journal = await openJournal(file)
  const world = await open()
  for (let step = 0; step < 4; step++) await journal.record(world.client, (await world.step()).height)
  await world.client.request({ method: 'anvil_reorg', params: [2, []] } as never)
  const last = await world.step()
  await journal.record(world.client, last.height)
  expect(last.height).toBe(17n)

  const fresh = await open()
  expect(await replayJournal(fresh.client, file)).toEqual({ replayed: 5, diverged: false })
  expect((await fresh.client.getBlock()).hash).toBe(last.hash)

  await journal.trim(15n)
  const reopened = await openJournal(file)
  const next = await world.step()
  await reopened.record(world.client, next.height)
  expect(await replayJournal(fresh.client, file)).toEqual({ replayed: 1, diverged: false })
  expect((await fresh.client.getBlock()).hash).toBe(next.hash)

  const further = await world.step()
  await reopened.record(world.client, further.height)
  await fresh.client.setBalance({ address: world.users[0]!, value: 1n })
  expect(await replayJournal(fresh.client, file)).toEqual({ replayed: 0, diverged: true })
})

it('resumes a world from its very first run to the same hash, past reads of empty slots', async () => {
  folder ??= await mkdtemp(join(tmpdir(), 'plimsoll-journal-'))
  const stateFile = join(folder, 'harbor.json')
  const options = { chain: 'harbor', seed: 7, mining: 'manual', stateFile } as const
  const first = await startWorld(options)
  worlds.push(first)
  const journal = await openJournal(first.journalFile as string)
  let last = await first.step()
  await journal.record(first.client, last.height)
  // By then positions have been opened, liquidated and closed: transactions have read slots that hold nothing.
  while (last.height < 55n) {
    last = await first.step()
    await journal.record(first.client, last.height)
  }
  await first.stop()

  const again = await startWorld(options)
  worlds.push(again)
  expect(again.resumed).toBe(true)
  expect((await again.client.getBlock()).hash).toBe(last.hash)
})
