/**
 * Runs one chain of the local world as a process.
 *
 *   node --import tsx demo/main.ts --chain harbor --port 8545 --state-dir DIR --seed 7 [--parent-pid PID]
 *
 * Prints JSON lines: first {"ready":true,…}, then what happens. SIGINT and SIGTERM save and exit 0 with the node
 * stopped; after a kill the next start replays the journal and goes on from the same block.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LOCAL_CHAIN_IDS } from '../src/chains/local-world'
import { type Front, openFront } from './front'
import { openJournal } from './journal'
import { runLive } from './live'
import { startWorld, type World, type WorldChain } from './world'

type Settings = {
  chain: WorldChain
  port: number
  stateDir: string | undefined
  seed: number
  parentPid: number | undefined
}

const USAGE =
  'usage: demo/main.ts --chain harbor|lagoon [--port N] [--state-dir DIR] [--seed N] [--parent-pid PID]'
/** A journal longer than this is folded into the saved state on a clean exit; a shorter one is replayed faster. */
const FOLD_BLOCKS = 200
const PARENT_CHECK_MS = 500

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2))
  if (settings.stateDir !== undefined) await mkdir(settings.stateDir, { recursive: true })
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort())
  if (settings.parentPid !== undefined) watchParent(settings.parentPid, () => stop.abort())
  // A closed pipe means that nobody listens any more; the world goes on or ends by signal, not by a write error.
  process.stdout.on('error', () => {})
  const world = await startWorld({
    chain: settings.chain,
    seed: settings.seed,
    mining: 'interval',
    ...(settings.stateDir === undefined
      ? {}
      : { stateFile: join(settings.stateDir, `${settings.chain}.json`) }),
  })
  let gone: string | undefined
  void world.exited.then(({ code, stderr }) => {
    if (stop.signal.aborted) return
    gone = `anvil exited with code ${code}: ${stderr.trim() || 'no message'}`
    stop.abort()
  })
  let front: Front | undefined
  try {
    front = await openFront(world.port, settings.port)
    await live(world, front.port, stop.signal)
  } catch (error) {
    gone ??= error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error)
  } finally {
    stop.abort()
    front?.close()
    await world.stop()
  }
  if (gone !== undefined) throw new Error(gone)
}

/** @param port where others reach the node */
async function live(world: World, port: number, signal: AbortSignal): Promise<void> {
  const { chain, chainId, startBlock, setupBlocks, resumed, replayedBlocks, oracle, journalFile } = world
  const journal = journalFile === undefined ? undefined : await openJournal(journalFile)
  const started = await world.client.getBlockNumber()
  print({
    ready: true,
    chain,
    chainId,
    port,
    rpc: `ws://127.0.0.1:${port}`,
    http: `http://127.0.0.1:${port}`,
    deployBlock: startBlock,
    setupBlocks,
    resumed,
    replayedBlocks,
    oracle,
  })
  await runLive({ world, journal, signal, report: print })
  const grown = (await world.client.getBlockNumber()) - started
  if (journal !== undefined && grown > BigInt(FOLD_BLOCKS)) await journal.trim(await world.save())
  print({ event: 'stopped', chain, height: Number(started + grown) })
}

function readSettings(argv: string[]): Settings {
  const { values } = parseArgs({
    args: argv,
    options: {
      chain: { type: 'string' },
      port: { type: 'string', default: '0' },
      'state-dir': { type: 'string' },
      seed: { type: 'string', default: '7' },
      'parent-pid': { type: 'string' },
    },
  })
  const { chain, seed, port } = values
  if (chain === undefined || !(chain in LOCAL_CHAIN_IDS))
    throw new Error(`--chain ${chain ?? 'is missing'}; ${USAGE}`)
  const [portNumber, seedNumber] = [Number(port), Number(seed)]
  if (!Number.isInteger(portNumber) || portNumber < 0 || portNumber > 65535)
    throw new Error(`--port ${port}; ${USAGE}`)
  if (!Number.isSafeInteger(seedNumber)) throw new Error(`--seed ${seed}; ${USAGE}`)
  return {
    chain: chain as WorldChain,
    port: portNumber,
    seed: seedNumber,
    stateDir: values['state-dir'],
    parentPid: values['parent-pid'] === undefined ? undefined : Number(values['parent-pid']),
  }
}

/**
 * Calls back once the process that started this one is no longer its parent, which is to say that it has died.
 * The parent names itself, for it may die before this line is reached.
 */
function watchParent(parentPid: number, onGone: () => void): void {
  setInterval(() => process.ppid !== parentPid && onGone(), PARENT_CHECK_MS).unref()
}

function print(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
