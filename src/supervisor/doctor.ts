/**
 * `plimsoll doctor`: settings, database, and every endpoint of every chain, each with what to do when it is not well.
 * Needs nothing to run: without a database or with wrong settings it says so.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, type Environment, loadConfig } from '../config'
import { openPool } from '../db/pool'
import { messageOf, PlimsollError } from '../errors'
import { packageRoot } from '../package-root'
import { diagnoseEndpoint, diagnoseGateway, type Finding } from '../source/diagnose'
import { modelFindings } from './doctor-models'

export interface Section {
  title: string
  findings: Finding[]
}

const MIN_POSTGRES = 150_000
const DATABASE_TIMEOUT_MS = 5_000

function settingsOf(env: Environment | undefined): { config: Config | undefined; findings: Finding[] } {
  try {
    const config = env === undefined ? loadConfig() : loadConfig(env)
    const names = config.chains.map((chain) => chain.spec.name)
    const message = names.length === 0 ? 'no chains: the local world' : `chains: ${names.join(', ')}`
    return { config, findings: [{ level: 'ok', subject: 'settings', message }] }
  } catch (error) {
    const faults = error instanceof PlimsollError ? error.details : [messageOf(error)]
    return {
      config: undefined,
      findings: faults.map((message) => ({
        level: 'fail',
        subject: 'settings',
        message,
        hint: 'see .env.example for every setting',
      })),
    }
  }
}

async function databaseFinding(dbUrl: string | undefined): Promise<Finding> {
  const subject = 'database'
  if (dbUrl === undefined) {
    return { level: 'ok', subject, message: 'no DB_URL: `plimsoll start` brings its own PostgreSQL' }
  }
  const pool = openPool(dbUrl, { application: 'doctor', max: 1, statementTimeoutMs: DATABASE_TIMEOUT_MS })
  try {
    const version = await pool.query(
      "SELECT current_setting('server_version_num')::int AS number, version() AS text",
    )
    const { number, text } = version.rows[0] as { number: number; text: string }
    const name = String(text).split(' on ')[0] ?? ''
    if (number < MIN_POSTGRES) {
      return {
        level: 'fail',
        subject,
        message: `${name} is older than 15`,
        hint: 'use PostgreSQL 15 or newer',
      }
    }
    const table = await pool.query("SELECT to_regclass('public.migrations') IS NOT NULL AS exists")
    const applied = table.rows[0]?.exists
      ? Number((await pool.query('SELECT count(*) AS n FROM migrations')).rows[0]?.n)
      : 0
    const files = readdirSync(join(packageRoot, 'db', 'migrations')).filter((file) =>
      file.endsWith('.js'),
    ).length
    const message = `${name}, ${applied} of ${files} migrations applied`
    if (applied === files) return { level: 'ok', subject, message }
    return { level: 'warn', subject, message, hint: 'run `plimsoll migrate`' }
  } catch (error) {
    return {
      level: 'fail',
      subject,
      message: messageOf(error),
      hint: 'check DB_URL and that PostgreSQL runs',
    }
  } finally {
    await pool.end().catch(() => undefined)
  }
}

async function chainSection({
  spec,
  endpoints,
  gatewayUrl,
  verify,
  fromBlock,
}: Config['chains'][number]): Promise<Section> {
  const chain = { ...spec, startBlock: fromBlock }
  const found = await Promise.all([
    ...(gatewayUrl ? [diagnoseGateway(gatewayUrl).then((finding) => [finding])] : []),
    ...endpoints.map((endpoint, i) => diagnoseEndpoint(endpoint, i, { chain, verify })),
  ])
  const findings = found.flat()
  const usable = found.filter((list) => list.every(({ level }) => level !== 'fail')).length
  if (endpoints.length === 1 && usable > 0) {
    findings.push({
      level: 'warn',
      subject: spec.name,
      message: 'one endpoint: nothing stands in for it, and nothing is held against it',
      hint: `add another to PLIMSOLL_${spec.name.toUpperCase()}_RPC, with a comma between`,
    })
  }
  return { title: spec.name, findings }
}

/** Looks at everything that the environment configures. */
export async function examine(env?: Environment): Promise<Section[]> {
  const { config, findings } = settingsOf(env)
  const anvil = existsSync(join(packageRoot, 'node_modules', '@foundry-rs'))
  if (config?.chains.length === 0 && !anvil) {
    findings.push({
      level: 'warn',
      subject: 'settings',
      message: 'anvil is not installed, which the local world needs',
      hint: 'install the optional dependencies, or set PLIMSOLL_CHAINS',
    })
  }
  if (config === undefined) return [{ title: 'settings', findings }]
  const sections = await Promise.all([
    databaseFinding(config.dbUrl).then((finding) => ({ title: 'database', findings: [finding] })),
    modelFindings(config.models).then((findings) => ({ title: 'models', findings })),
    ...config.chains.map(chainSection),
  ])
  return [{ title: 'settings', findings }, ...sections]
}

/** The findings as lines for a terminal. */
export function report(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ title, findings }) => [
    title,
    ...findings.flatMap(({ level, subject, message, hint }) => [
      `  ${level.padEnd(4)}  ${subject === title ? '' : `${subject}: `}${message}`,
      ...(hint === undefined || level === 'ok' ? [] : [`        → ${hint}`]),
    ]),
  ])
  return lines.join('\n')
}

/** 1 when anything failed. */
export function exitCodeOf(sections: readonly Section[]): number {
  return sections.some(({ findings }) => findings.some(({ level }) => level === 'fail')) ? 1 : 0
}
