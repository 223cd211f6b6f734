/**
 * Loads a signing key from the environment or from a file, and refuses the development keys that everybody knows
 * on any chain but the local world's.
 *
 * A file is either a raw key (0x and 64 hex digits), which only its owner may read (mode 0600), or an encrypted
 * JSON keystore, version 3: the key is AES-128-CTR under a key stretched by scrypt or PBKDF2, and a Keccak MAC
 * tells a wrong password from a right one. The ciphers are Node's own.
 * https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage/
 */
import { createDecipheriv, pbkdf2Sync, scryptSync, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { bytesToHex, concatBytes, type Hex, keccak256, type LocalAccount } from 'viem'
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts'
import { z } from 'zod'
import type { KeySource } from '../config'
import { messageOf, PlimsollError } from '../errors'

/** Chain ids of the local world; only here may the development keys sign. */
export const DEMO_CHAIN_IDS: readonly bigint[] = [31337n, 31338n]

const DEVELOPMENT_MNEMONIC = 'test test test test test test test test test test test junk'
const DEVELOPMENT_ACCOUNTS = 100
const MAX_SCRYPT_BYTES = 1024 ** 3

/**
 * The account behind a key setting.
 * @param setting name of the setting, for messages; the key itself is never shown
 * @throws PlimsollError with exit code 2 when there is no key, it cannot be read, or it is a development key
 */
export function loadAccount(source: KeySource | undefined, setting: string, chainId: bigint): LocalAccount {
  if (source === undefined) {
    throw new PlimsollError(`${setting} is not set`, {
      hint: `put the key into ${setting}, or the path of a key file or keystore into ${setting}_FILE`,
      exitCode: 2,
    })
  }
  const key = source.kind === 'raw' ? source.key : readKeyFile(source.path, source.password, setting)
  const account = privateKeyToAccount(key)
  if (!DEMO_CHAIN_IDS.includes(chainId) && isDevelopmentAccount(account.address)) {
    throw new PlimsollError(`${setting} is a development key that everybody knows`, {
      details: [`address ${account.address}, chain id ${chainId}`],
      hint: 'make a key of your own for this chain',
      exitCode: 2,
    })
  }
  return account
}

/** Whether an address belongs to the mnemonic that anvil and hardhat share. */
export function isDevelopmentAccount(address: string): boolean {
  const parent = mnemonicToAccount(DEVELOPMENT_MNEMONIC, { path: `m/44'/60'/0'/0` }).getHdKey()
  for (let index = 0; index < DEVELOPMENT_ACCOUNTS; index++) {
    const key = parent.deriveChild(index).privateKey
    if (key && privateKeyToAccount(bytesToHex(key)).address.toLowerCase() === address.toLowerCase())
      return true
  }
  return false
}

function readKeyFile(path: string, password: string | undefined, setting: string): Hex {
  const fail = (why: string, hint: string) =>
    new PlimsollError(`${setting}_FILE: ${why}`, { details: [path], hint, exitCode: 2 })
  let text: string
  try {
    text = readFileSync(path, 'utf8').trim()
  } catch (error) {
    throw fail(`cannot be read: ${messageOf(error)}`, 'check the path and its permissions')
  }
  if (text.startsWith('{')) {
    if (password === undefined) throw fail('is a keystore, which needs a password', `set ${setting}_PASSWORD`)
    try {
      return decryptKeystore(text, password)
    } catch (error) {
      throw fail(`keystore cannot be opened: ${messageOf(error)}`, 'check the password and the file')
    }
  }
  const mode = statSync(path).mode & 0o777
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw fail(`others may read it (mode ${mode.toString(8).padStart(4, '0')})`, `chmod 600 ${path}`)
  }
  const key = text.startsWith('0x') ? text : `0x${text}`
  if (!/^0x[0-9a-fA-F]{64}$/.test(key))
    throw fail('holds no key', 'expected 64 hex digits or a JSON keystore')
  return key as Hex
}

const hexBytes = z.string().regex(/^([0-9a-fA-F]{2})+$/)
const keystoreShape = z.object({
  version: z.literal(3),
  crypto: z.object({
    cipher: z.literal('aes-128-ctr'),
    ciphertext: hexBytes,
    cipherparams: z.object({ iv: hexBytes }),
    mac: hexBytes,
    kdf: z.enum(['scrypt', 'pbkdf2']),
    kdfparams: z.object({
      dklen: z.literal(32),
      salt: hexBytes,
      n: z.number().int().optional(),
      r: z.number().int().optional(),
      p: z.number().int().optional(),
      c: z.number().int().optional(),
      prf: z.string().optional(),
    }),
  }),
})

/** The private key inside a version 3 keystore. Throws on a wrong password or a format it does not know. */
export function decryptKeystore(json: string, password: string): Hex {
  const parsed = keystoreShape.safeParse(JSON.parse(json))
  if (!parsed.success) throw new Error('not a version 3 keystore with aes-128-ctr')
  const { crypto } = parsed.data
  const stretched = stretch(crypto.kdf, crypto.kdfparams, password)
  const ciphertext = Buffer.from(crypto.ciphertext, 'hex')
  const mac = Buffer.from(keccak256(concatBytes([stretched.subarray(16, 32), ciphertext]), 'bytes'))
  const stored = Buffer.from(crypto.mac, 'hex')
  if (mac.length !== stored.length || !timingSafeEqual(mac, stored)) throw new Error('wrong password')
  const iv = Buffer.from(crypto.cipherparams.iv, 'hex')
  const cipher = createDecipheriv('aes-128-ctr', stretched.subarray(0, 16), iv)
  const key = Buffer.concat([cipher.update(ciphertext), cipher.final()])
  if (key.length !== 32) throw new Error(`holds ${key.length} bytes instead of a 32-byte key`)
  return bytesToHex(key)
}

type KdfParams = z.infer<typeof keystoreShape>['crypto']['kdfparams']

function stretch(kdf: 'scrypt' | 'pbkdf2', params: KdfParams, password: string): Buffer {
  const salt = Buffer.from(params.salt, 'hex')
  if (kdf === 'scrypt') {
    const { n, r, p } = params
    if (n === undefined || r === undefined || p === undefined) throw new Error('scrypt needs n, r and p')
    const maxmem = 128 * n * r + 128 * r * p + 1024 ** 2
    if (maxmem > MAX_SCRYPT_BYTES) throw new Error('scrypt parameters ask for more than 1 GiB')
    return scryptSync(password, salt, params.dklen, { N: n, r, p, maxmem })
  }
  if (params.c === undefined || params.prf !== 'hmac-sha256')
    throw new Error('pbkdf2 needs c and hmac-sha256')
  return pbkdf2Sync(password, salt, params.c, params.dklen, 'sha256')
}
