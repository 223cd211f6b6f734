import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Manifest } from '@subsquid/manifest'
import { describe, expect, it } from 'vitest'
import { CHAINS } from '../src/chains/registry'

const text = readFileSync(join(__dirname, '..', 'squid.yaml'), 'utf8')
const { value, error } = Manifest.parse(text)

describe('squid.yaml', () => {
  it("passes Subsquid's own manifest checker", () => {
    expect(error?.message).toBeUndefined()
    expect(value?.squidName()).toBe('plimsoll')
  })

  it('is refused by the checker when a command is malformed, so that the test above can fail', () => {
    expect(Manifest.parse(text.replace('lib/cli.js, api', 'lib/cli.js; api')).error).toBeDefined()
  })

  it('has a processor for each chain it names, and scorer, oracle and signer', () => {
    const deploy = value?.values().deploy
    const processors = (deploy?.processor ?? []) as { name: string }[]
    const names = processors.map((processor) => processor.name)
    const chains = String(deploy?.env?.PLIMSOLL_CHAINS).split(',')
    expect(names).toEqual([...chains, 'scorer', 'oracle', 'signer'])
    for (const chain of chains) expect(CHAINS[chain], chain).toBeDefined()
    expect(deploy?.api?.cmd).toEqual(['node', 'lib/cli.js', 'api'])
  })
})
