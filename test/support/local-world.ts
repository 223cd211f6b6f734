/** The committed capture of the local world, indexed by a real processor into a database of its own. */
import { join } from 'node:path'
import { expect } from 'vitest'
import { harbor } from '../../src/chains/harbor'
import { startGateway } from '../../src/source/gateway'
import { type TestDatabase, testDatabase } from './database'
import { spawnProcessor } from './processor'

const FILE = join(__dirname, '..', 'fixtures', 'local-world.ndjson.gz')

/** Blocks 0 to `toBlock` of the capture. The caller drops the database. */
export async function indexedLocalWorld(toBlock: number): Promise<TestDatabase> {
  const db = await testDatabase({ chainIds: [harbor.id] })
  const gateway = await startGateway(FILE)
  const fixed = { gatewayUrl: gateway.url, fromBlock: 0, toBlock }
  const processor = spawnProcessor({ chain: harbor, databaseUrl: db.url, ...fixed })
  expect(await processor.exited, processor.output()).toBe(0)
  await gateway.close()
  return db
}
