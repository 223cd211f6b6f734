import { describe, expect, it } from 'vitest'
import { loadConfig, requireChain, requireDbUrl } from '../src/config'
import { PlimsollError } from '../src/errors'

function faultsOf(env: Record<string, string>): PlimsollError {
  try {
    loadConfig(env)
  } catch (error) {
    return error as PlimsollError
  }
  throw new Error('expected faults')
}

describe('loadConfig', () => {
  it('needs nothing', () => {
    const config = loadConfig({})
    expect(config.chains).toEqual([])
    expect(config.api).toMatchObject({ host: '127.0.0.1', port: 4350, portIsChosen: false })
    expect(() => requireDbUrl(config)).toThrow(/DB_URL is not set/)
  })

  it('reads the six public chains with their endpoints', () => {
    const names = ['ethereum', 'polygon', 'arbitrum', 'base', 'optimism', 'bsc']
    const env: Record<string, string> = { PLIMSOLL_CHAINS: names.join(',') }
    for (const name of names) env[`PLIMSOLL_${name.toUpperCase()}_RPC`] = `wss://${name}.example`
    env.PLIMSOLL_ETHEREUM_GATEWAY = 'https://gateway.example/ethereum'
    const config = loadConfig(env)
    expect(config.chains.map((chain) => chain.spec.name)).toEqual(names)
    expect(requireChain(config, 'ethereum')).toMatchObject({
      gatewayUrl: 'https://gateway.example/ethereum',
      rpcUrl: 'wss://ethereum.example',
    })
    expect(() => requireChain(config, 'harbor')).toThrow(/harbor is not configured/)
  })

  it('reports every fault at once, with exit code 2', () => {
    const error = faultsOf({
      DB_URL: 'mysql://localhost/x',
      PLIMSOLL_CHAINS: 'ethereum,atlantis,polygon',
      PLIMSOLL_ETHEREUM_RPC: 'ftp://node',
      PLIMSOLL_ETHEREUM_TO: '5',
      PLIMSOLL_ETHEREUM_FROM: '-3',
      PLIMSOLL_API_PORT: '99999',
      PLIMSOLL_ORACLE_CONTRACT: '0x1234',
      PLIMSOLL_SIGNER_KEY: 'not a key',
      PLIMSOLL_PROVIDERS: 'cpu,abacus',
    })
    expect(error).toBeInstanceOf(PlimsollError)
    expect(error.exitCode).toBe(2)
    const text = error.format()
    for (const name of [
      'DB_URL',
      'atlantis',
      'PLIMSOLL_ETHEREUM_RPC',
      'PLIMSOLL_ETHEREUM_FROM',
      'polygon needs PLIMSOLL_POLYGON_RPC',
      'PLIMSOLL_API_PORT',
      'PLIMSOLL_ORACLE_CONTRACT',
      'PLIMSOLL_SIGNER_KEY',
      'abacus',
    ]) {
      expect(text).toContain(name)
    }
  })

  it('never repeats a key it could not read', () => {
    const error = faultsOf({ PLIMSOLL_PUBLISHER_KEY: `0x${'ab'.repeat(31)}` })
    expect(error.format()).not.toContain('abab')
  })

  it('refuses an empty range of blocks', () => {
    const error = faultsOf({
      PLIMSOLL_CHAINS: 'ethereum',
      PLIMSOLL_ETHEREUM_RPC: 'https://node.example',
      PLIMSOLL_ETHEREUM_FROM: '10',
      PLIMSOLL_ETHEREUM_TO: '9',
    })
    expect(error.format()).toContain('lies before the first block 10')
  })

  it('takes a database given in parts', () => {
    const env = { DB_HOST: 'db.example', DB_PORT: '5433', DB_NAME: 'squid', DB_USER: 'me', DB_PASS: 'p@ss' }
    expect(loadConfig(env).dbUrl).toBe('postgres://me:p%40ss@db.example:5433/squid')
  })

  it('counts a chain that is named twice once', () => {
    const env = { PLIMSOLL_CHAINS: 'ethereum,ethereum', PLIMSOLL_ETHEREUM_RPC: 'https://node.example' }
    expect(loadConfig(env).chains).toHaveLength(1)
  })
})
