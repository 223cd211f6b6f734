import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hex } from 'viem'
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_MNEMONIC } from '../../demo/anvil'
import { decryptKeystore, isDevelopmentAccount, loadAccount } from '../../src/oracle/keys'

// Well-known anvil key 0, and the published example of the keystore format, whose key and password are public.
const ANVIL_0: Hex = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
const EXAMPLE_KEY: Hex = '0x7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d'
const EXAMPLE_PASSWORD = 'testpassword'
const pbkdf2 = {
  crypto: {
    cipher: 'aes-128-ctr',
    cipherparams: { iv: '6087dab2f9fdbbfaddc31a909735c1e6' },
    ciphertext: '5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46',
    kdf: 'pbkdf2',
    kdfparams: {
      c: 262144,
      dklen: 32,
      prf: 'hmac-sha256',
      salt: 'ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd',
    },
    mac: '517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2',
  },
  id: '3198bc9c-6672-5ab3-d995-4942343ae5b6',
  version: 3,
}
// A light keystore as go-ethereum writes it (r = 8; OpenSSL refuses the format's own example with r = 1).
const scrypt = {
  address: '45dea0fb0bba44f4fcf290bba71fd57d7117cbb8',
  crypto: {
    cipher: 'aes-128-ctr',
    ciphertext: 'b87781948a1befd247bff51ef4063f716cf6c2d3481163e9a8f42e1f9bb74145',
    cipherparams: { iv: 'dc4926b48a105133d2f16b96833abf1e' },
    kdf: 'scrypt',
    kdfparams: {
      dklen: 32,
      n: 2,
      p: 1,
      r: 8,
      salt: '004244bbdc51cadda545b1cfa43cff9ed2ae88e08c61f1479dbb45410722f8f0',
    },
    mac: '39990c1684557447940d4c69e06b1b82b2aceacb43f284df65c956daf3046b85',
  },
  id: 'ce541d8d-c79b-40f8-9f8c-20f59616faba',
  version: 3,
}

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'plimsoll-keys-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const file = (name: string, text: string, mode = 0o600) => {
  const path = join(dir, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return { kind: 'file' as const, path, password: undefined as string | undefined }
}

describe('decryptKeystore', () => {
  it('opens keystores of both kinds and refuses a wrong password', () => {
    expect(decryptKeystore(JSON.stringify(pbkdf2), EXAMPLE_PASSWORD)).toBe(EXAMPLE_KEY)
    const opened = privateKeyToAccount(decryptKeystore(JSON.stringify(scrypt), ''))
    expect(opened.address.toLowerCase()).toBe(`0x${scrypt.address}`)
    expect(() => decryptKeystore(JSON.stringify(pbkdf2), 'guess')).toThrow('wrong password')
  })

  it('refuses other versions and parameters that would exhaust memory', () => {
    expect(() => decryptKeystore(JSON.stringify({ ...pbkdf2, version: 1 }), 'x')).toThrow(/version 3/)
    const greedy = structuredClone(scrypt)
    greedy.crypto.kdfparams.n = 2 ** 30
    expect(() => decryptKeystore(JSON.stringify(greedy), 'x')).toThrow(/1 GiB/)
  })
})

describe('loadAccount', () => {
  const raw = (key: Hex) => ({ kind: 'raw' as const, key })

  it('takes a key from the environment, a private file or a keystore', () => {
    const key = generatePrivateKey()
    const { address } = privateKeyToAccount(key)
    expect(loadAccount(raw(key), 'KEY', 1n).address).toBe(address)
    expect(loadAccount(file('raw', `${key}\n`), 'KEY', 1n).address).toBe(address)
    expect(loadAccount(file('bare', key.slice(2)), 'KEY', 1n).address).toBe(address)
    const keystore = { ...file('store.json', JSON.stringify(pbkdf2), 0o644), password: EXAMPLE_PASSWORD }
    expect(loadAccount(keystore, 'KEY', 1n).address).toBe(privateKeyToAccount(EXAMPLE_KEY).address)
  })

  it('refuses what is absent, readable by others, no key, or a keystore without its password', () => {
    expect(() => loadAccount(undefined, 'KEY', 1n)).toThrow('KEY is not set')
    expect(() => loadAccount(file('open', generatePrivateKey(), 0o640), 'KEY', 1n)).toThrow(/0640/)
    expect(() => loadAccount(file('junk', 'hello'), 'KEY', 1n)).toThrow(/no key/)
    expect(() => loadAccount(file('locked', JSON.stringify(pbkdf2)), 'KEY', 1n)).toThrow(/password/)
    expect(() => loadAccount({ ...file('gone', ''), path: join(dir, 'nowhere') }, 'KEY', 1n)).toThrow(
      /cannot be read/,
    )
  })

  it('never shows the key', () => {
    const secret = generatePrivateKey().slice(2)
    try {
      loadAccount(file('shown', `${secret}ff`), 'KEY', 1n)
      expect.unreachable()
    } catch (error) {
      expect(JSON.stringify(error) + String(error)).not.toContain(secret)
    }
  })

  it('refuses anvil’s keys on every chain but the local world’s', () => {
    for (const chainId of [31337n, 31338n]) {
      expect(loadAccount(raw(ANVIL_0), 'KEY', chainId).address).toMatch(/^0xf39F/)
    }
    for (const chainId of [1n, 137n, 31339n, 11155111n]) {
      expect(() => loadAccount(raw(ANVIL_0), 'KEY', chainId)).toThrow(/everybody knows/)
    }
  })

  it('knows the development accounts and no other', () => {
    expect(isDevelopmentAccount(mnemonicToAccount(DEMO_MNEMONIC, { addressIndex: 59 }).address)).toBe(true)
    expect(isDevelopmentAccount(privateKeyToAccount(generatePrivateKey()).address)).toBe(false)
  })
})
