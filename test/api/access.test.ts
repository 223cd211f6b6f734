import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Access, createQuota, credentialsOf, requireCaller } from '../../src/api/access'
import { readApiKeys } from '../../src/api/key-setting'
import { loadConfig } from '../../src/config'

const KEY = 'correct horse battery staple'.replaceAll(' ', '-')
const sha256 = createHash('sha256').update(KEY).digest('hex')
const keyed: Access = { keys: [{ name: 'alice', role: 'analyst', sha256 }], isLoopback: true }
const open: Access = { keys: [], isLoopback: true }
const nobody = { authorization: null, host: 'localhost:4350', isForwarded: false }
const bearer = (key: string) => ({ ...nobody, host: 'risk.example', authorization: `Bearer ${key}` })
const codeOf = (work: () => unknown) => {
  try {
    work()
  } catch (error) {
    const { message, extensions } = error as { message: string; extensions: { code: string } }
    return `${extensions.code}: ${message}`
  }
  return 'allowed'
}

describe('requireCaller', () => {
  it('refuses an unknown, an empty and a malformed key, also where none is configured', () => {
    for (const authorization of ['Bearer wrong', 'Bearer ', `Basic ${KEY}`, `Bearer ${KEY} more`, ''])
      for (const access of [keyed, open])
        expect(codeOf(() => requireCaller(access, { ...nobody, authorization }))).toMatch(
          /^UNAUTHENTICATED: this API key is not known/,
        )
  })

  it('takes the hash of a key for no key', () => {
    expect(codeOf(() => requireCaller(keyed, bearer(sha256)))).toMatch(/^UNAUTHENTICATED/)
  })

  it('knows a key by its hash, from anywhere, with the rights of its role', () => {
    expect(requireCaller(keyed, bearer(KEY))).toEqual({
      name: 'alice',
      maxScenarios: 100_000,
      runsPerHour: 60,
    })
  })

  it('wants a key from everybody once there is one', () => {
    expect(codeOf(() => requireCaller(keyed, nobody))).toMatch(/^UNAUTHENTICATED: this needs an API key/)
  })

  it('lets callers on the loopback run small tests without keys, and nobody else', () => {
    expect(requireCaller(open, nobody)).toMatchObject({ name: 'loopback', maxScenarios: 10_000 })
    const refused = /^UNAUTHENTICATED: this needs an API key, and none is configured: set PLIMSOLL_API_KEYS/
    expect(codeOf(() => requireCaller({ ...open, isLoopback: false }, nobody))).toMatch(refused)
    expect(codeOf(() => requireCaller(open, { ...nobody, host: 'risk.example' }))).toMatch(refused)
    expect(codeOf(() => requireCaller(open, { ...nobody, host: null }))).toMatch(refused)
    expect(codeOf(() => requireCaller(open, { ...nobody, isForwarded: true }))).toMatch(refused)
  })

  it('takes a request for forwarded by what proxies add', () => {
    const headers = { host: 'localhost', 'x-forwarded-for': '10.0.0.7' }
    expect(credentialsOf(new Request('http://localhost/', { headers })).isForwarded).toBe(true)
  })
})

describe('createQuota', () => {
  const caller = { name: 'bob', maxScenarios: 1, runsPerHour: 2 }

  it('counts runs over the last hour, by caller', () => {
    const quota = createQuota()
    quota.take(caller, 0)
    quota.take(caller, 1_000)
    expect(codeOf(() => quota.take(caller, 2_000))).toBe(
      'QUOTA_EXCEEDED: bob may start 2 runs an hour; again in 3598 s',
    )
    expect(codeOf(() => quota.take({ ...caller, name: 'eve' }, 2_000))).toBe('allowed')
    expect(codeOf(() => quota.take(caller, 3_600_001))).toBe('allowed')
    expect(codeOf(() => quota.take(caller, 3_600_500))).toMatch(/^QUOTA_EXCEEDED/)
  })
})

describe('PLIMSOLL_API_KEYS', () => {
  it('reads names, roles and hashes', () => {
    const setting = `alice:analyst:${sha256}, ops.1:operator:${sha256.toUpperCase()}`
    expect(loadConfig({ PLIMSOLL_API_KEYS: setting }).api.keys).toEqual([
      { name: 'alice', role: 'analyst', sha256 },
      { name: 'ops.1', role: 'operator', sha256 },
    ])
    expect(loadConfig({}).api.keys).toEqual([])
  })

  it('names each faulty entry by its place and repeats nothing of it', () => {
    const faults: string[] = []
    const entries = [
      ...['alice', `alice:analyst:${KEY}`, `al ice:analyst:${sha256}`, `bob:king:${sha256}`],
      ...[`eve:analyst:${sha256}`, `eve:operator:${sha256}`, `a:analyst:${sha256}:7`],
    ]
    expect(readApiKeys('PLIMSOLL_API_KEYS', entries, faults)).toHaveLength(1)
    expect(faults).toHaveLength(6)
    expect(faults[0]).toBe('PLIMSOLL_API_KEYS (entry 1) is not name:role:sha256, the last in 64 hex digits')
    expect(faults[3]).toBe('PLIMSOLL_API_KEYS (entry 4) has an unknown role; known: analyst, operator')
    expect(faults.join()).not.toContain(KEY)
    expect(faults.join()).not.toContain(sha256)
  })
})
