import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Child, type ChildOptions, startChild } from '../../src/supervisor/child'

const dir = mkdtempSync(join(tmpdir(), 'plimsoll-child-'))
const started: Child[] = []
afterEach(async () => {
  await Promise.all(started.splice(0).map((child) => child.stop(1_000)))
})

function run(script: string, options: Partial<ChildOptions> = {}): Child {
  const name = `c${started.length}-${Math.random().toString(36).slice(2)}`
  const child = startChild({
    name,
    args: () => ['-e', script],
    env: {},
    logFile: join(dir, `${name}.log`),
    ...options,
  })
  started.push(child)
  return child
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('startChild', () => {
  it('starts a child again that fails or is killed, and says how often', async () => {
    const child = run('setInterval(() => {}, 1000)')
    await expect.poll(() => child.pid()).toBeDefined()
    process.kill(child.pid() as number, 'SIGKILL')
    await expect.poll(() => child.restarts(), { timeout: 5_000 }).toBe(1)
    await expect.poll(() => child.state(), { timeout: 5_000 }).toBe('running')
    expect(child.tail().join()).toContain('SIGKILL')
  })

  it('does not start a child again whose settings are wrong, and hands over its last words', async () => {
    let words: readonly string[] = []
    const child = run('console.error("no such chain"); process.exit(2)', {
      onFailed: (lines) => (words = lines),
    })
    await expect.poll(() => child.state(), { timeout: 5_000 }).toBe('failed')
    expect(words).toContain('no such chain')
    expect(child.restarts()).toBe(0)
  })

  it('lets a child that ends on purpose end', async () => {
    const child = run('process.exit(0)', { endsOnPurpose: true })
    await expect.poll(() => child.state(), { timeout: 5_000 }).toBe('done')
  })

  it('reads JSON lines from stdout and keeps everything in the log', async () => {
    const messages: unknown[] = []
    const child = run(
      'console.log("{broken"); console.log(JSON.stringify({ ready: true })); setInterval(() => {}, 1000)',
      {
        onMessage: (message) => messages.push(message),
      },
    )
    await expect.poll(() => messages, { timeout: 5_000 }).toEqual([{ ready: true }])
    await child.stop()
    expect(readFileSync(join(dir, `${child.name}.log`), 'utf8')).toContain('{broken')
  })

  it('starts a child with other settings at once, also one that had stopped for good, and counts no failure', async () => {
    const script =
      'console.log("at " + process.env.PLACE); if (!process.env.PLACE) process.exit(2); setInterval(() => {}, 1000)'
    const child = run(script, { env: { PLACE: '' } })
    await expect.poll(() => child.state(), { timeout: 5_000 }).toBe('failed')
    child.restartWith({ PLACE: 'one' })
    await expect.poll(() => child.tail(), { timeout: 5_000 }).toContain('at one')
    const pid = child.pid() as number
    child.restartWith({ PLACE: 'two' })
    await expect.poll(() => child.tail(), { timeout: 5_000 }).toContain('at two')
    expect(isAlive(pid)).toBe(false)
    expect(child.restarts()).toBe(0)
    await child.stop()
    expect(child.state()).toBe('stopped')
  })

  it('kills a child that does not listen', async () => {
    const child = run('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)')
    await expect.poll(() => child.tail(), { timeout: 5_000 }).toContain('up')
    const pid = child.pid() as number
    await child.stop(200)
    expect(isAlive(pid)).toBe(false)
    expect(child.state()).toBe('stopped')
  })
})
