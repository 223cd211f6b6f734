/** Morpho Blue and its mocks, compiled from the sources that npm ships. They pin a compiler; ours is told to ignore that. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Artifact } from '../../demo/artifacts'

const ROOT = dirname(require.resolve('@morpho-org/morpho-blue/package.json'))
const FILES = {
  Morpho: 'src/Morpho.sol',
  ERC20Mock: 'src/mocks/ERC20Mock.sol',
  OracleMock: 'src/mocks/OracleMock.sol',
  IrmMock: 'src/mocks/IrmMock.sol',
} as const
export type MorphoContract = keyof typeof FILES

/** About three seconds; nothing is written. */
export function compileMorpho(): Record<MorphoContract, Artifact> {
  const solc = loadCompiler()
  const read = (path: string) =>
    readFileSync(join(ROOT, path), 'utf8').replace('pragma solidity 0.8.19;', 'pragma solidity ^0.8.19;')
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(Object.values(FILES).map((path) => [path, { content: read(path) }])),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      evmVersion: 'paris',
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  }
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (path: string) => ({ contents: read(path) }) }),
  )
  const errors = (output.errors ?? []).filter(({ severity }: { severity: string }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors[0].formattedMessage)
  return Object.fromEntries(
    Object.entries(FILES).map(([name, path]) => {
      const { abi, evm } = output.contracts[path][name]
      return [name, { abi, bytecode: `0x${evm.bytecode.object}` }]
    }),
  ) as Record<MorphoContract, Artifact>
}

/** solc leaves listeners for uncaught errors that print its whole source; those of the test runner stay. */
function loadCompiler(): { compile(input: string, callbacks: object): string } {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const before = events.map((event) => new Set(process.listeners(event as never)))
  const solc = require('solc')
  events.forEach((event, i) => {
    for (const listener of process.listeners(event as never))
      if (!before[i]!.has(listener)) process.removeListener(event, listener)
  })
  return solc
}
