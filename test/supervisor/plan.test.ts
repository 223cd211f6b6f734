import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config'
import { missingOracleSettings, planProcesses, type RunTargets } from '../../src/supervisor/plan'

const targets: RunTargets = {
  dbUrl: 'postgres://x',
  apiPort: 4350,
  chains: [
    { name: 'harbor', rpcUrl: 'ws://127.0.0.1:1' },
    { name: 'lagoon', gatewayUrl: 'http://127.0.0.1:2', toBlock: 9 },
  ],
  oracle: {
    chainName: 'harbor',
    rpcUrl: 'ws://127.0.0.1:1',
    contract: `0x${'1'.repeat(40)}`,
    publisher: { PLIMSOLL_PUBLISHER_KEY: '0xpublisher' },
    signers: [{ PLIMSOLL_SIGNER_KEY: '0xone' }, { PLIMSOLL_SIGNER_KEY: '0xtwo' }],
  },
}

describe('planProcesses', () => {
  const planned = planProcesses(targets)

  it('starts a processor a chain, scorer, api, publisher and each signer', () => {
    expect(planned.map((process) => process.name)).toEqual([
      'api',
      'processor-harbor',
      'processor-lagoon',
      'scorer',
      'oracle',
      'signer-0',
      'signer-1',
    ])
  })

  it('gives every key to one process alone', () => {
    for (const key of ['0xpublisher', '0xone', '0xtwo']) {
      const holders = planned.filter((process) => Object.values(process.env).includes(key))
      expect(holders).toHaveLength(1)
    }
    const api = planned.find((process) => process.name === 'api')
    expect(api?.env).toMatchObject({ PLIMSOLL_PUBLISHER_KEY: '', PLIMSOLL_SIGNER_KEY_FILE: '' })
  })

  it('lets only a processor with a last block end on purpose', () => {
    expect(planned.filter((process) => process.endsOnPurpose).map((process) => process.name)).toEqual([
      'processor-lagoon',
    ])
  })
})

describe('missingOracleSettings', () => {
  it('asks for nothing when no oracle is wanted', () => {
    expect(missingOracleSettings(loadConfig({}))).toEqual([])
  })

  it('names what a half-configured oracle lacks', () => {
    const config = loadConfig({ PLIMSOLL_ORACLE_CONTRACT: `0x${'1'.repeat(40)}` })
    expect(missingOracleSettings(config).join()).toMatch(/PLIMSOLL_ORACLE_RPC.*PLIMSOLL_PUBLISHER_KEY/)
  })
})
