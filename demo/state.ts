/**
 * Keeps a chain's state on disk so that the world resumes after Ctrl-C or a kill.
 *
 * anvil's own --state file is written in place; a kill in the middle would leave half a file. Here the state is
 * fetched by RPC and moved over the old file in one step, so the file on disk is always whole.
 */
import { existsSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { Hex } from 'viem'
import type { WorldClient } from './client'

const unzip = promisify(gunzip)

/** Writes the whole chain (blocks, logs, accounts) to `file` atomically; returns its size in bytes. */
export async function saveState(client: WorldClient, file: string): Promise<number> {
  const dumped = (await client.dumpState()) as Hex
  const json = await unzip(Buffer.from(dumped.slice(2), 'hex'))
  await mkdir(dirname(file), { recursive: true })
  const temporary = `${file}.${process.pid}.tmp`
  const handle = await open(temporary, 'w')
  try {
    await handle.writeFile(json)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
  return json.length
}

/** The file to resume from, or undefined when this chain has never been saved. */
export function savedState(file: string | undefined): string | undefined {
  return file !== undefined && existsSync(file) ? file : undefined
}
