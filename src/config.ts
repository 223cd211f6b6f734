/**
 * The only reader of process.env. One typed object; every fault is reported at once, and the process exits with 2.
 * `.env.example` lists all settings.
 */
import { resolve } from 'node:path'
import { type ApiKey, readApiKeys } from './api/key-setting'
import { CHAINS } from './chains/registry'
import type { ChainSpec, Hex } from './chains/types'
import { PlimsollError } from './errors'
import { packageRoot } from './package-root'
import { PROTOCOLS } from './protocols/registry'
import { readEndpoints } from './source/endpoint-setting'
import type { EndpointSpec, Verification } from './source/types'

export interface ChainConfig {
  spec: ChainSpec
  /** SQD gateway (v2) of the chain's history. */
  gatewayUrl: string | undefined
  /** JSON-RPC endpoints, http(s) or ws(s), in the order of the setting. WebSocket sees new heads at once. */
  endpoints: readonly EndpointSpec[]
  /** The setting that they were read from, and the URL of the first. */
  rpcSetting: string | undefined
  rpcUrl: string | undefined
  /** Whether receipts are recomputed into the root of their block's header. */
  verify: Verification
  /** First block to index; the chain file's when unset. */
  fromBlock: number
  /** Last block to index; endless when unset. */
  toBlock: number | undefined
}

/** A key in the environment, or a file that holds it. Never logged. */
export type KeySource =
  | { kind: 'raw'; key: Hex }
  | { kind: 'file'; path: string; password: string | undefined }

export interface OracleConfig {
  /** Chain that carries the contract. */
  chainName: string
  rpcUrl: string | undefined
  contract: Hex | undefined
  publisherKey: KeySource | undefined
  signerKey: KeySource | undefined
}

export interface Config {
  dbUrl: string | undefined
  /** Embedded PostgreSQL, anvil states and logs. */
  dataDir: string
  chains: readonly ChainConfig[]
  api: {
    host: string
    port: number
    /** The port was asked for by name: then a taken one is a fault, not a reason to take another. */
    portIsChosen: boolean
    /** Host header values that are answered, besides the loopback names. */
    allowedHosts: readonly string[]
    /** Origins that may read from a browser, besides the API's own. */
    allowedOrigins: readonly string[]
    /** Who may start stress tests; empty: callers on the loopback, small ones. */
    keys: readonly ApiKey[]
  }
  oracle: OracleConfig
  models: { providers: readonly string[]; threads: number }
  /** Files and folders with lists of flagged, mixers' and sanctioned addresses; empty: features that need them are missing. */
  labels: readonly string[]
  /** Where data sets and yardsticks lie (training, benchmarks, tests). */
  dataSets: string
  yardsticks: string
}

export type Environment = Readonly<Record<string, string | undefined>>

const ANY_HEIGHT = [0, Number.MAX_SAFE_INTEGER] as const
const PROVIDERS = ['cuda', 'webgpu', 'cpu']

/** Reads settings by name and collects faults, so that all of them are shown together. */
function settingsReader(env: Environment) {
  const faults: string[] = []

  function text(name: string): string | undefined {
    const value = env[name]?.trim()
    return value === '' ? undefined : value
  }

  function list(name: string): string[] {
    const items = (text(name) ?? '').split(',').map((item) => item.trim())
    return items.filter((item) => item !== '')
  }

  function integer(name: string, [min, max]: readonly [number, number]): number | undefined {
    const given = text(name)
    if (given === undefined) return undefined
    const value = Number(given)
    if (/^\d+$/.test(given) && value >= min && value <= max) return value
    faults.push(`${name}=${given} is not a whole number from ${min} to ${max}`)
    return undefined
  }

  function url(name: string, protocols: readonly string[]): string | undefined {
    const given = text(name)
    if (given === undefined) return undefined
    const wanted = protocols.map((protocol) => `${protocol}//`).join(' or ')
    const protocol = URL.canParse(given) ? new URL(given).protocol : undefined
    if (protocol !== undefined && protocols.includes(protocol)) return given
    faults.push(
      protocol === undefined
        ? `${name} is not a URL (expected ${wanted}…)`
        : `${name} has protocol ${protocol}// (expected ${wanted})`,
    )
    return undefined
  }

  function address(name: string): Hex | undefined {
    const given = text(name)?.toLowerCase()
    if (given === undefined || /^0x[0-9a-f]{40}$/.test(given)) return given as Hex | undefined
    faults.push(`${name}=${given} is not an address (0x and 40 hex digits)`)
    return undefined
  }

  /** `<name>` holds the key itself, `<name>_FILE` a path to it, `<name>_PASSWORD` the password of a keystore. */
  function key(name: string): KeySource | undefined {
    const raw = text(name)
    const path = text(`${name}_FILE`)
    if (raw !== undefined && path !== undefined) faults.push(`set either ${name} or ${name}_FILE, not both`)
    if (path !== undefined) return { kind: 'file', path: resolve(path), password: text(`${name}_PASSWORD`) }
    if (raw === undefined) return undefined
    if (/^0x[0-9a-fA-F]{64}$/.test(raw)) return { kind: 'raw', key: raw.toLowerCase() as Hex }
    faults.push(`${name} is not a private key (0x and 64 hex digits); its value is not shown`)
    return undefined
  }

  function verification(name: string): Verification | undefined {
    const given = text(name)
    if (given === undefined || given === 'none' || given === 'receipts') return given
    faults.push(`${name}=${given} is neither none nor receipts`)
    return undefined
  }

  return { faults, text, list, integer, url, address, key, verification }
}

type Reader = ReturnType<typeof settingsReader>

function readChain(read: Reader, name: string): ChainConfig | undefined {
  const spec = CHAINS[name]
  if (spec === undefined) {
    read.faults.push(
      `PLIMSOLL_CHAINS names the unknown chain ${name}; known: ${Object.keys(CHAINS).join(', ')}`,
    )
    return undefined
  }
  const prefix = `PLIMSOLL_${name.toUpperCase()}`
  const gatewayUrl = read.url(`${prefix}_GATEWAY`, ['https:', 'http:'])
  const rpcSetting = read.text(`${prefix}_RPC`)
  const endpoints = readEndpoints(`${prefix}_RPC`, rpcSetting ?? '', read.faults)
  const verify = read.verification(`${prefix}_VERIFY`) ?? read.verification('PLIMSOLL_VERIFY') ?? 'none'
  if (read.text(`${prefix}_GATEWAY`) === undefined && rpcSetting === undefined)
    read.faults.push(`chain ${name} needs ${prefix}_RPC, ${prefix}_GATEWAY or both`)
  const fromBlock = read.integer(`${prefix}_FROM`, ANY_HEIGHT) ?? spec.startBlock
  const toBlock = read.integer(`${prefix}_TO`, ANY_HEIGHT)
  if (toBlock !== undefined && toBlock < fromBlock) {
    read.faults.push(`${prefix}_TO=${toBlock} lies before the first block ${fromBlock}`)
  }
  const protocols = read.list(`${prefix}_PROTOCOLS`)
  for (const protocol of protocols) {
    if (PROTOCOLS[protocol] !== undefined) continue
    const known = Object.keys(PROTOCOLS).join(', ')
    read.faults.push(`${prefix}_PROTOCOLS names the unknown protocol ${protocol}; known: ${known}`)
  }
  const chosen = protocols.length > 0 ? { ...spec, protocols } : spec
  const rpcUrl = endpoints[0]?.url
  return { spec: chosen, gatewayUrl, endpoints, rpcSetting, rpcUrl, verify, fromBlock, toBlock }
}

function readProviders(read: Reader): string[] {
  const providers = read.list('PLIMSOLL_PROVIDERS')
  for (const name of providers) {
    if (!PROVIDERS.includes(name)) {
      read.faults.push(`PLIMSOLL_PROVIDERS names ${name}; known: ${PROVIDERS.join(', ')}`)
    }
  }
  return providers.length === 0 ? ['cpu'] : providers
}

/** Subsquid's cloud gives the database in parts: DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASS. */
function urlOfParts(read: Reader): string | undefined {
  const host = read.text('DB_HOST')
  if (host === undefined) return undefined
  const url = new URL('postgres://localhost/')
  url.hostname = host
  url.port = String(read.integer('DB_PORT', [1, 65_535]) ?? 5432)
  url.pathname = `/${read.text('DB_NAME') ?? 'postgres'}`
  url.username = read.text('DB_USER') ?? 'postgres'
  url.password = read.text('DB_PASS') ?? ''
  return url.toString()
}

/**
 * Reads the settings.
 * @throws PlimsollError with exit code 2 that lists every missing or wrong setting
 */
export function loadConfig(env: Environment = process.env): Config {
  const read = settingsReader(env)
  const names = [...new Set(read.list('PLIMSOLL_CHAINS'))]
  const chains = names.map((name) => readChain(read, name)).filter((chain) => chain !== undefined)
  const oracleChain = read.text('PLIMSOLL_ORACLE_CHAIN') ?? 'harbor'
  if (CHAINS[oracleChain] === undefined) {
    read.faults.push(`PLIMSOLL_ORACLE_CHAIN names the unknown chain ${oracleChain}`)
  }
  const config: Config = {
    dbUrl: read.url('DB_URL', ['postgres:', 'postgresql:']) ?? urlOfParts(read),
    dataDir: resolve(read.text('PLIMSOLL_HOME') ?? resolve(packageRoot, '.plimsoll')),
    chains,
    api: {
      host: read.text('PLIMSOLL_API_HOST') ?? '127.0.0.1',
      port: read.integer('PLIMSOLL_API_PORT', [0, 65_535]) ?? 4350,
      portIsChosen: read.text('PLIMSOLL_API_PORT') !== undefined,
      allowedHosts: read.list('PLIMSOLL_API_HOSTS'),
      allowedOrigins: read.list('PLIMSOLL_API_ORIGINS'),
      keys: readApiKeys('PLIMSOLL_API_KEYS', read.list('PLIMSOLL_API_KEYS'), read.faults),
    },
    oracle: {
      chainName: oracleChain,
      rpcUrl: read.url('PLIMSOLL_ORACLE_RPC', ['https:', 'http:', 'wss:', 'ws:']),
      contract: read.address('PLIMSOLL_ORACLE_CONTRACT'),
      publisherKey: read.key('PLIMSOLL_PUBLISHER_KEY'),
      signerKey: read.key('PLIMSOLL_SIGNER_KEY'),
    },
    models: {
      providers: readProviders(read),
      threads: read.integer('PLIMSOLL_MODEL_THREADS', [1, 64]) ?? 1,
    },
    labels: read.list('PLIMSOLL_LABELS').map((path) => resolve(path)),
    dataSets: resolve(read.text('PLIMSOLL_DATA') ?? resolve(packageRoot, '../shared/data')),
    yardsticks: resolve(read.text('PLIMSOLL_YARDSTICKS') ?? resolve(packageRoot, '../shared/yardsticks')),
  }
  if (read.faults.length > 0) {
    throw new PlimsollError(`${read.faults.length} wrong setting${read.faults.length === 1 ? '' : 's'}`, {
      details: read.faults,
      hint: 'see .env.example for every setting',
      exitCode: 2,
    })
  }
  return config
}

/** The database's URL. @throws PlimsollError with exit code 2 when DB_URL is not set */
export function requireDbUrl(config: Config): string {
  if (config.dbUrl !== undefined) return config.dbUrl
  throw new PlimsollError('DB_URL is not set', {
    hint: 'point it at PostgreSQL, or use `plimsoll start`, which brings its own',
    exitCode: 2,
  })
}

/** The settings of one chain. @throws PlimsollError with exit code 2 when PLIMSOLL_CHAINS does not name it */
export function requireChain(config: Config, name: string): ChainConfig {
  const chain = config.chains.find((candidate) => candidate.spec.name === name)
  if (chain !== undefined) return chain
  throw new PlimsollError(`chain ${name} is not configured`, {
    details: [`PLIMSOLL_CHAINS names: ${config.chains.map((c) => c.spec.name).join(', ') || '(nothing)'}`],
    exitCode: 2,
  })
}
