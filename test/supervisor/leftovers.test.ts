import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { endLeftovers, recordChildren } from '../../src/supervisor/leftovers'
import { processMark } from '../../src/supervisor/process-mark'

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function sleeper(): number {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    detached: true,
    stdio: 'ignore',
  })
  children.push(child)
  return child.pid as number
}

describe('endLeftovers', () => {
  const dir = mkdtempSync(join(tmpdir(), 'plimsoll-leftovers-'))

  it('finds nothing where nothing, or nonsense, is written down', async () => {
    expect(await endLeftovers(dir)).toBe(0)
    writeFileSync(join(dir, 'children.json'), '[{"pid":-1,"mark":""},null,7')
    expect(await endLeftovers(dir)).toBe(0)
  })

  it('ends a recorded process that does not end by itself', async () => {
    const pid = sleeper()
    recordChildren(dir, [pid, undefined])
    expect(await endLeftovers(dir, 200)).toBe(1)
    expect(processMark(pid)).toBeUndefined()
  })

  it('leaves a process alone that was given the number of a recorded one', async () => {
    const pid = sleeper()
    writeFileSync(join(dir, 'children.json'), JSON.stringify([{ pid, mark: 'another' }]))
    expect(await endLeftovers(dir, 200)).toBe(0)
    expect(processMark(pid)).toBeDefined()
  })
})
