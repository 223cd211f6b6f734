/**
 * API keys as a setting writes them: `name:role:sha256` entries with commas between, where sha256 is the hash of the key in
 * hex. The key itself is nowhere but with its holder, so a leaked setting opens nothing.
 */

/** What a role may ask for at once, and how many runs in an hour. */
export interface Allowance {
  maxScenarios: number
  runsPerHour: number
}

export const ROLES = {
  analyst: { maxScenarios: 100_000, runsPerHour: 60 },
  operator: { maxScenarios: 1_000_000, runsPerHour: 600 },
} as const satisfies Readonly<Record<string, Allowance>>

export type Role = keyof typeof ROLES

export interface ApiKey {
  /** For quotas and logs. */
  name: string
  role: Role
  /** Of the key, 64 hex digits. */
  sha256: string
}

/** Reads a setting's entries; faults name an entry by its ordinal and never repeat it. */
export function readApiKeys(setting: string, entries: readonly string[], faults: string[]): ApiKey[] {
  const names = new Set<string>()
  return entries.flatMap((entry, i) => {
    const [name = '', role = '', sha256 = '', ...rest] = entry.split(':')
    const fault = faultOf({ name, role, sha256, rest, isTaken: names.has(name) })
    names.add(name)
    if (fault === undefined) return [{ name, role: role as Role, sha256: sha256.toLowerCase() }]
    faults.push(`${setting} (entry ${i + 1}) ${fault}`)
    return []
  })
}

function faultOf(entry: {
  name: string
  role: string
  sha256: string
  rest: readonly string[]
  isTaken: boolean
}): string | undefined {
  if (entry.rest.length > 0 || !/^[0-9a-fA-F]{64}$/.test(entry.sha256))
    return 'is not name:role:sha256, the last in 64 hex digits'
  if (!/^[\w.-]{1,40}$/.test(entry.name)) return 'has a name that is not 1 to 40 letters, digits, . _ or -'
  if (!Object.hasOwn(ROLES, entry.role)) return `has an unknown role; known: ${Object.keys(ROLES).join(', ')}`
  return entry.isTaken ? 'has the name of an entry before it' : undefined
}
