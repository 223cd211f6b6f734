/** Compiles Solidity that only tests need, in memory. Loading the compiler takes half a second. */
import { readFileSync } from 'node:fs'
import type { Artifact } from '../../demo/artifacts'

/** Every contract of one file without imports, by name. Throws the compiler's first error. */
export function compileFile(path: string): Record<string, Artifact> {
  const solc = require('solc') as { compile(input: string): string }
  // solc leaves listeners for uncaught errors that print its whole source.
  process.removeAllListeners('uncaughtException')
  process.removeAllListeners('unhandledRejection')
  const input = {
    language: 'Solidity',
    sources: { file: { content: readFileSync(path, 'utf8') } },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'cancun',
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input)))
  for (const { severity, formattedMessage } of output.errors ?? []) {
    if (severity === 'error') throw new Error(formattedMessage)
  }
  const contracts: [string, { abi: Artifact['abi']; evm: { bytecode: { object: string } } }][] =
    Object.entries(output.contracts.file)
  return Object.fromEntries(
    contracts.map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }]),
  )
}
