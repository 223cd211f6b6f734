/**
 * Compiles every Solidity file under contracts/ with npm's solc into contracts/artifacts/<Name>.json
 * ({ abi, bytecode, deployedBytecode }). Imports resolve inside contracts/ first, then in node_modules
 * (@openzeppelin/contracts and friends). When the hash of all inputs equals the one of the last build nothing
 * is compiled; loading solc alone takes half a second, so it is loaded only when there is work.
 *
 * Usage: node scripts/build-contracts.mjs [--quiet] [--force]
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const contractsDir = join(root, 'contracts')
const artifactsDir = join(contractsDir, 'artifacts')
const stampPath = join(artifactsDir, '.hash')
const settings = {
  optimizer: { enabled: true, runs: 200 },
  evmVersion: 'cancun',
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
}

/** Source paths relative to the repository root, sorted, `/` as separator: `contracts/RiskOracle.sol`. */
function listSources(dir) {
  const found = []
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name)
    if (entry.isDirectory() && path !== artifactsDir) found.push(...listSources(path))
    else if (entry.isFile() && entry.name.endsWith('.sol'))
      found.push(relative(root, path).split(sep).join('/'))
  }
  return found.sort()
}

function packageVersion(name) {
  return JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version
}

/** Hash of everything that decides the output: sources, settings, this script, compiler and library versions. */
function hashInputs(sources) {
  const hash = createHash('sha256')
  hash.update(readFileSync(fileURLToPath(import.meta.url)))
  hash.update(packageVersion('solc')).update(packageVersion('@openzeppelin/contracts'))
  for (const [path, { content }] of Object.entries(sources)) hash.update(`\0${path}\0`).update(content)
  return hash.digest('hex')
}

function resolveImport(path) {
  for (const base of [root, contractsDir, join(root, 'node_modules')]) {
    const file = resolve(base, path)
    if (file.startsWith(base + sep) && existsSync(file)) return { contents: readFileSync(file, 'utf8') }
  }
  return { error: `import ${path} found neither in contracts/ nor in node_modules/` }
}

function compile(sources) {
  const solc = require('solc')
  // solc leaves listeners for uncaught errors that print its whole source; ours is the only message wanted.
  process.removeAllListeners('uncaughtException')
  process.removeAllListeners('unhandledRejection')
  const input = JSON.stringify({ language: 'Solidity', sources, settings })
  return JSON.parse(solc.compile(input, { import: resolveImport }))
}

/** Artifacts by contract name, only for contracts our own files define. Throws when two share a name. */
function collectArtifacts(output, sources) {
  const artifacts = new Map()
  for (const path of Object.keys(sources)) {
    for (const [name, contract] of Object.entries(output.contracts?.[path] ?? {})) {
      if (artifacts.has(name)) throw new Error(`two contracts are named ${name}; artifacts are filed by name`)
      artifacts.set(name, {
        abi: contract.abi,
        bytecode: `0x${contract.evm.bytecode.object}`,
        deployedBytecode: `0x${contract.evm.deployedBytecode.object}`,
      })
    }
  }
  return artifacts
}

/** Each file appears whole or not at all, so that a reader beside a running build never sees half a file. */
function writeAtomically(path, text) {
  const temporary = `${path}.${process.pid}.tmp`
  writeFileSync(temporary, text)
  renameSync(temporary, path)
}

function writeArtifacts(artifacts, hash) {
  mkdirSync(artifactsDir, { recursive: true })
  for (const [name, artifact] of artifacts) {
    writeAtomically(join(artifactsDir, `${name}.json`), `${JSON.stringify(artifact)}\n`)
  }
  for (const file of readdirSync(artifactsDir)) {
    if (file.endsWith('.json') && !artifacts.has(file.slice(0, -'.json'.length)))
      rmSync(join(artifactsDir, file))
  }
  writeAtomically(stampPath, `${hash}\n`)
}

function main() {
  const quiet = process.argv.includes('--quiet')
  const paths = listSources(contractsDir)
  const sources = Object.fromEntries(
    paths.map((path) => [path, { content: readFileSync(join(root, path), 'utf8') }]),
  )
  const hash = hashInputs(sources)
  const built = existsSync(stampPath) && readFileSync(stampPath, 'utf8').trim() === hash
  if (built && !process.argv.includes('--force')) {
    if (!quiet) console.log(`contracts: ${paths.length} files unchanged`)
    return
  }
  const output = compile(sources)
  const messages = output.errors ?? []
  for (const message of messages) {
    if (message.severity === 'error' || !quiet) console.error(message.formattedMessage.trimEnd())
  }
  const errors = messages.filter((message) => message.severity === 'error')
  if (errors.length > 0) {
    console.error(`contracts: ${errors.length} compiler error(s), nothing written`)
    process.exit(1)
  }
  const artifacts = collectArtifacts(output, sources)
  writeArtifacts(artifacts, hash)
  if (!quiet) console.log(`contracts: compiled ${paths.length} files into ${artifacts.size} artifacts`)
}

main()
