/** The three kinds of run: the local world, a capture file, the configured chains. */
import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'
import { toHex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { CHAINS } from '../chains/registry'
import type { Config } from '../config'
import { migrate } from '../db/migrate'
import { PlimsollError } from '../errors'
import { packageRoot } from '../package-root'
import { type Child, startChild } from './child'
import { indexedChainIsGone } from './identity'
import { configuredChains, keySettings, missingOracleSettings } from './plan'
import type { Mode, SourceTargets } from './run'
import { LOCAL_CHAINS, type LocalWorld, startWorld } from './worlds'

/** The mnemonic of every development node: its keys are public, and refused off the local chain ids. */
const DEMO_MNEMONIC = 'test test test test test test test test test test test junk'
const DEMO_PUBLISHER = 1
const DEMO_SIGNERS = [2, 3, 4, 5]

function demoKey(index: number): string {
  const key = mnemonicToAccount(DEMO_MNEMONIC, { addressIndex: index }).getHdKey().privateKey
  if (!key) throw new Error(`no demo key ${index}`)
  return toHex(key)
}

function chainId(name: string): number {
  const spec = CHAINS[name]
  if (!spec) throw new Error(`chain ${name} is not in the registry`)
  return spec.id
}

/** Two local chains with real protocols and actors; the oracle writes to harbor. */
export function localWorldMode(): Mode {
  const children: Child[] = []
  return {
    databaseName: 'plimsoll',
    title: 'local world',
    oracleNote: undefined,
    chainIds: LOCAL_CHAINS.map(chainId),
    children: () => children,
    async prepare({ config, database, note, retarget }) {
      const urls = new Map<string, string>()
      const worlds = await Promise.all(
        LOCAL_CHAINS.map((chainName) =>
          startWorld({
            chainName,
            dataDir: config.dataDir,
            onMoved(rpcUrl) {
              note(`${chainName} was started again at ${rpcUrl}`)
              urls.set(chainName, rpcUrl)
              retarget()
            },
            onChild: (child) => children.push(child),
          }),
        ),
      )
      const gone = await Promise.all(worlds.map((world) => indexedChainIsGone(database.url, world)))
      if (gone.some(Boolean)) {
        note('the local chains are not those that were indexed: starting over')
        await database.recreate()
        await migrate(database.url, LOCAL_CHAINS.map(chainId))
      }
      return () => localTargets(worlds, urls)
    },
  }
}

/** @param moved URLs of the chains that are no longer where they began */
function localTargets(worlds: readonly LocalWorld[], moved: ReadonlyMap<string, string>): SourceTargets {
  const urlOf = (world: LocalWorld) => moved.get(world.chainName) ?? world.rpcUrl
  const harbor = worlds.find((world) => world.chainName === 'harbor')
  if (!harbor?.riskOracle) throw new PlimsollError('the local world did not say where its RiskOracle is')
  return {
    chains: worlds.map((world) => ({ name: world.chainName, rpcUrl: urlOf(world) })),
    oracle: {
      chainName: 'harbor',
      rpcUrl: urlOf(harbor),
      contract: harbor.riskOracle,
      publisher: { PLIMSOLL_PUBLISHER_KEY: demoKey(DEMO_PUBLISHER) },
      signers: DEMO_SIGNERS.map((index) => ({ PLIMSOLL_SIGNER_KEY: demoKey(index) })),
    },
  }
}

interface GatewayReady {
  url: string
  chainId: number
  fromBlock: number
  toBlock: number
}

/** A file of recorded blocks, served to the real processor by our gateway. */
export function captureMode(file: string): Mode {
  const path = resolve(file)
  const children: Child[] = []
  return {
    databaseName: `capture_${createHash('sha256').update(path).digest('hex').slice(0, 12)}`,
    title: `capture ${file}`,
    oracleNote: 'none: a capture has no chain to write to',
    chainIds: Object.values(CHAINS).map((spec) => spec.id),
    children: () => children,
    async prepare({ config }) {
      const gateway = await startGatewayProcess(path, config.dataDir, children)
      const spec = Object.values(CHAINS).find((candidate) => candidate.id === gateway.chainId)
      if (!spec) {
        throw new PlimsollError(
          `${file} holds blocks of chain ${gateway.chainId}, which no chain file describes`,
          {
            hint: 'add a file to src/chains and a line to its registry',
            exitCode: 2,
          },
        )
      }
      const { url, fromBlock, toBlock } = gateway
      return () => ({ chains: [{ name: spec.name, gatewayUrl: url, fromBlock, toBlock }] })
    },
  }
}

async function startGatewayProcess(path: string, dataDir: string, children: Child[]): Promise<GatewayReady> {
  // Started again, it asks for the port it had: the processor knows it by that.
  let port = '0'
  return new Promise((done, failed) => {
    const child = startChild({
      name: 'gateway',
      args: () => [join(packageRoot, 'lib', 'cli.js'), 'gateway', '--capture', path, '--port', port],
      env: {},
      logFile: join(dataDir, 'logs', 'gateway.log'),
      onMessage: (message) => {
        if (message.ready !== true) return
        const ready = message as unknown as GatewayReady
        port = new URL(ready.url).port
        done(ready)
      },
      onFailed: (lines) =>
        failed(new PlimsollError('the capture cannot be served', { details: lines, exitCode: 2 })),
    })
    children.push(child)
  })
}

/** The chains of PLIMSOLL_CHAINS, at their own endpoints. */
export function configuredMode(config: Config): Mode {
  const missing = missingOracleSettings(config)
  if (missing.length > 0) {
    throw new PlimsollError('the oracle is half configured', {
      details: missing.map((name) => `${name} is not set`),
      hint: 'set them, or none of the oracle settings',
      exitCode: 2,
    })
  }
  const { chainName, contract, rpcUrl, publisherKey, signerKey } = config.oracle
  const hasOracle = contract !== undefined && rpcUrl !== undefined
  const publisher = publisherKey ? keySettings('PLIMSOLL_PUBLISHER_KEY', publisherKey) : undefined
  const signers = signerKey ? [keySettings('PLIMSOLL_SIGNER_KEY', signerKey)] : []
  return {
    databaseName: 'plimsoll_chains',
    title: config.chains.map((chain) => chain.spec.title).join(', '),
    oracleNote: hasOracle ? undefined : 'none configured (PLIMSOLL_ORACLE_…)',
    chainIds: config.chains.map((chain) => chain.spec.id),
    children: () => [],
    prepare: async () => () => ({
      chains: configuredChains(config.chains),
      ...(hasOracle ? { oracle: { chainName, contract, rpcUrl, publisher, signers } } : {}),
    }),
  }
}
