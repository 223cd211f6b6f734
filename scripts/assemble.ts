/** Writes src/systemic/kernels/weigh-wasm.ts from weigh.wat: `npx tsx scripts/assemble.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import loadWabt from 'wabt'

const FOLDER = resolve(__dirname, '../src/systemic/kernels')

/** The module that weigh.wat says, in base64. */
export async function assembled(): Promise<string> {
  const wabt = await loadWabt()
  const module = wabt.parseWat('weigh.wat', readFileSync(resolve(FOLDER, 'weigh.wat')), { simd: true })
  try {
    module.validate()
    return Buffer.from(module.toBinary({}).buffer).toString('base64')
  } finally {
    module.destroy()
  }
}

async function main(): Promise<void> {
  const lines = (await assembled()).match(/.{1,100}/g)!.map((line) => `  '${line}'`)
  const text = `/** weigh.wat, assembled by scripts/assemble.ts. */\nexport const WEIGH_WASM =\n${lines.join(' +\n')}\n`
  writeFileSync(resolve(FOLDER, 'weigh-wasm.ts'), text)
}

if (require.main === module) void main()
