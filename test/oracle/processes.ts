/**
 * Runs one oracle process for the tests: `tsx test/oracle/processes.ts publisher|signer`, settings from the
 * environment. The value is a function of the height alone, so that every process finds the same one.
 */
import { bytesToHex, type Hex } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { DEMO_MNEMONIC } from '../../demo/anvil'
import { loadConfig } from '../../src/config'
import { runPublisher } from '../../src/oracle/publish'
import { runSigner } from '../../src/oracle/signer'
import type { ValueSource } from '../../src/oracle/values'

/** Old enough that heights may run ahead of the chain's clock, young enough for the feed's maxAgeSec. */
export const OBSERVED_BASE = 1_799_996_700n

/** Moves by at least the deviation threshold from each height to the next. */
export const valueAtHeight: ValueSource = async (_feed, height) => ({
  value: 20_000_000n + (height % 7n) * 2_000_000n,
  confidenceBps: 10_000,
  modelHash: `0x${'5a'.repeat(32)}`,
  complete: true,
  blockHash: `0x${height.toString(16).padStart(64, '0')}`,
  observedAt: OBSERVED_BASE + height,
})

/** Settings of a process that acts as the development account `index`. */
export function environment(
  role: 'PUBLISHER' | 'SIGNER',
  index: number,
  world: { url: string; rpcUrl: string; contract: Hex },
): Record<string, string> {
  const key = mnemonicToAccount(DEMO_MNEMONIC, { addressIndex: index }).getHdKey().privateKey
  return {
    DB_URL: world.url,
    PLIMSOLL_ORACLE_CHAIN: 'harbor',
    PLIMSOLL_ORACLE_RPC: world.rpcUrl,
    PLIMSOLL_ORACLE_CONTRACT: world.contract,
    [`PLIMSOLL_${role}_KEY`]: bytesToHex(key!),
  }
}

if (require.main === module) {
  const run = process.argv[2] === 'publisher' ? runPublisher : runSigner
  run(loadConfig(), { values: valueAtHeight }).catch((error) => {
    console.error(error)
    process.exit(1)
  })
}
