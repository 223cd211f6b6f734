/** Which processes a run needs, and with which settings: pure. */
import type { ChainConfig, Config, KeySource } from '../config'

/** What differs between the local world, a capture and real chains. */
export interface RunTargets {
  dbUrl: string
  /** Chain name → endpoints; overrides what the environment says. */
  chains: readonly {
    name: string
    /** As the setting has it: one URL or several. */
    rpcUrl?: string
    gatewayUrl?: string
    fromBlock?: number
    toBlock?: number
  }[]
  apiPort: number
  /** The oracle's contract and keys; absent: no oracle runs. */
  oracle?: {
    chainName: string
    rpcUrl: string
    contract: string
    /** Settings that carry the publisher's key; absent: it runs elsewhere. */
    publisher: Readonly<Record<string, string>> | undefined
    /** Settings that carry a key, for each signer that runs here. */
    signers: readonly Readonly<Record<string, string>>[]
  }
}

export interface PlannedProcess {
  name: string
  /** Arguments of `plimsoll`. */
  args: readonly string[]
  env: Readonly<Record<string, string>>
  endsOnPurpose: boolean
}

/** Processes in the order of their start; they are stopped in reverse. */
export function planProcesses(targets: RunTargets): PlannedProcess[] {
  const env = sharedEnvironment(targets)
  const once = (
    name: string,
    args: readonly string[],
    extra: Record<string, string> = {},
  ): PlannedProcess => ({
    name,
    args,
    env: { ...env, ...extra },
    endsOnPurpose: false,
  })
  const planned = [
    once('api', ['api']),
    ...targets.chains.map((chain) => ({
      ...once(`processor-${chain.name}`, ['processor', '--chain', chain.name]),
      endsOnPurpose: chain.toBlock !== undefined,
    })),
    once('scorer', ['scorer']),
  ]
  if (targets.oracle) {
    const { publisher, signers } = targets.oracle
    if (publisher) planned.push(once('oracle', ['oracle'], publisher))
    for (const [index, key] of signers.entries()) planned.push(once(`signer-${index}`, ['signer'], key))
  }
  return planned
}

function sharedEnvironment(targets: RunTargets): Record<string, string> {
  const env: Record<string, string> = {
    DB_URL: targets.dbUrl,
    PLIMSOLL_CHAINS: targets.chains.map((chain) => chain.name).join(','),
    PLIMSOLL_API_PORT: String(targets.apiPort),
    ...keySettings('PLIMSOLL_PUBLISHER_KEY', undefined),
    ...keySettings('PLIMSOLL_SIGNER_KEY', undefined),
  }
  for (const chain of targets.chains) {
    const prefix = `PLIMSOLL_${chain.name.toUpperCase()}`
    env[`${prefix}_RPC`] = chain.rpcUrl ?? ''
    env[`${prefix}_GATEWAY`] = chain.gatewayUrl ?? ''
    if (chain.fromBlock !== undefined) env[`${prefix}_FROM`] = String(chain.fromBlock)
    if (chain.toBlock !== undefined) env[`${prefix}_TO`] = String(chain.toBlock)
  }
  if (targets.oracle) {
    env.PLIMSOLL_ORACLE_CHAIN = targets.oracle.chainName
    env.PLIMSOLL_ORACLE_RPC = targets.oracle.rpcUrl
    env.PLIMSOLL_ORACLE_CONTRACT = targets.oracle.contract
  }
  return env
}

/**
 * Settings that hand a key to one process. Without a key they are empty, so that no process inherits a key that is not
 * its own: the publisher holds no signing key, a signer no other signer's.
 */
export function keySettings(name: string, key: KeySource | undefined): Record<string, string> {
  return {
    [name]: key?.kind === 'raw' ? key.key : '',
    [`${name}_FILE`]: key?.kind === 'file' ? key.path : '',
    [`${name}_PASSWORD`]: key?.kind === 'file' ? (key.password ?? '') : '',
  }
}

/** Targets of a run against the chains that the environment names. */
export function configuredChains(chains: readonly ChainConfig[]): RunTargets['chains'] {
  return chains.map((chain) => ({
    name: chain.spec.name,
    fromBlock: chain.fromBlock,
    ...(chain.rpcSetting === undefined ? {} : { rpcUrl: chain.rpcSetting }),
    ...(chain.gatewayUrl === undefined ? {} : { gatewayUrl: chain.gatewayUrl }),
    ...(chain.toBlock === undefined ? {} : { toBlock: chain.toBlock }),
  }))
}

/** Settings that a run with an oracle on a real chain still lacks; empty when complete or when none is wanted. */
export function missingOracleSettings(config: Config): string[] {
  const { rpcUrl, contract, publisherKey, signerKey } = config.oracle
  if (contract === undefined && publisherKey === undefined && signerKey === undefined) return []
  const missing: string[] = []
  if (contract === undefined) missing.push('PLIMSOLL_ORACLE_CONTRACT')
  if (rpcUrl === undefined) missing.push('PLIMSOLL_ORACLE_RPC')
  if (publisherKey === undefined && signerKey === undefined) {
    missing.push('PLIMSOLL_PUBLISHER_KEY or PLIMSOLL_SIGNER_KEY (or their _FILE form)')
  }
  return missing
}
