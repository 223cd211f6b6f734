import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anvilBinary, startAnvil } from '../../demo/anvil'
import { isPortFree } from '../../src/supervisor/port'

describe('anvil', () => {
  it('is named with its platform when there is no package for it', () => {
    expect(() => anvilBinary('sunos', 'sparc', '')).toThrow('@foundry-rs/anvil-sunos-sparc')
    const own = dirname(anvilBinary())
    expect(anvilBinary(process.platform, 'sparc', own)).toBe(join(own, basename(anvilBinary())))
    expect(anvilBinary()).toMatch(/anvil(\.exe)?$/)
  })

  it('gives its own words when it cannot start', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-anvil-'))
    const broken = join(folder, 'state.json')
    await writeFile(broken, '{"truncated":')
    await expect(startAnvil({ chainId: 31337, loadStateFile: broken })).rejects.toThrow(
      /before it was ready: .*\w/s,
    )
    await rm(folder, { recursive: true })
  })

  it('answers for its chain on loopback, frees its port on stop, and stops twice without harm', async () => {
    const anvil = await startAnvil({ chainId: 4242 })
    expect(await isPortFree('127.0.0.1', anvil.port)).toBe(false)
    expect(anvil.rpcUrl).toBe(`http://127.0.0.1:${anvil.port}`)
    await anvil.stop()
    await anvil.stop()
    expect(await isPortFree('127.0.0.1', anvil.port)).toBe(true)
  })
})
