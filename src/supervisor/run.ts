/**
 * `plimsoll start`: brings everything up, keeps it up, shows how it goes, and takes it down in order.
 *
 * Three kinds of run: the local world (nothing configured), a capture file, and the chains that the environment names.
 */
import { join } from 'node:path'
import type { Config } from '../config'
import { freePort } from '../db/embedded'
import { migrate } from '../db/migrate'
import { openPool, type Pool } from '../db/pool'
import { messageOf, PlimsollError } from '../errors'
import { packageRoot } from '../package-root'
import { type Child, startChild } from './child'
import { openRunDatabase, type RunDatabase } from './database'
import { lastWords } from './last-words'
import { endLeftovers } from './leftovers'
import { lockFolder } from './lock'
import { planProcesses, type RunTargets } from './plan'
import { isPortFree } from './port'
import { readStatus } from './status'
import { openTerminal } from './terminal'
import type { StatusView } from './view'
import { watch } from './watch'

const DRAW_EVERY_MS = 1_000

/** What a kind of run brings: its database, its chains, and what must be stopped with it. */
export interface Mode {
  /** Database on the embedded server. */
  databaseName: string
  /** Shown above the table. */
  title: string
  /** Why there is no oracle, where there is none. */
  oracleNote: string | undefined
  chainIds: readonly number[]
  /** Starts what the run reads from and returns a way to ask where it is. Called after the database is up. */
  prepare(context: ModeContext): Promise<() => SourceTargets>
  /** Children that `prepare` started; stopped after all others. */
  children(): readonly Child[]
}

/** What a mode adds to the targets of a run. */
export type SourceTargets = Omit<RunTargets, 'dbUrl' | 'apiPort'>

export interface ModeContext {
  config: Config
  database: RunDatabase
  note(text: string): void
  /** Says that what `prepare` returned has another answer now: processes whose settings change are started anew. */
  retarget(): void
}

interface Run {
  startedMs: number
  notes: Map<string, string>
  /** Draws at once: a note may stand for a moment only. */
  redraw: () => void
  children: Child[]
  urls: StatusView['urls']
  pool: Pool | undefined
}

interface Opened {
  /** Once it is being started: Ctrl-C may come before it is up, and it must be stopped then as well. */
  opening?: Promise<RunDatabase>
  /** Once it is up. */
  database?: RunDatabase
}

/** Runs until `signal` aborts (Ctrl-C), then stops everything. Rejects when it could not come up. */
export async function runSupervisor(config: Config, mode: Mode, signal: AbortSignal): Promise<void> {
  const unlock = lockFolder(config.dataDir)
  const run: Run = {
    startedMs: Date.now(),
    notes: new Map([['phase', `${mode.title}: starting`]]),
    redraw: () => undefined,
    children: [],
    urls: [],
    pool: undefined,
  }
  const terminal = openTerminal(process.stdout)
  const drawing = drawLoop(run, mode, (view) => terminal.draw(view, Date.now()))
  const opened: Opened = {}
  const watching = watch({
    dataDir: config.dataDir,
    children: () => [...run.children, ...mode.children()],
    database: () => opened.database,
    note: (text) => setNote(run, 'watch', text),
  })
  try {
    await Promise.race([bringUp(run, { config, mode, opened, signal }), aborted(signal)])
    await aborted(signal)
  } finally {
    drawing.stop()
    try {
      await watching.stop()
      await shutDown(run, mode, opened, terminal)
    } finally {
      unlock()
    }
  }
}

/** Gives up between two steps once the signal has aborted: what was started by then is stopped by the caller. */
async function bringUp(
  run: Run,
  { config, mode, opened, signal }: { config: Config; mode: Mode; opened: Opened; signal: AbortSignal },
): Promise<void> {
  const apiPort = await chooseApiPort(config)
  setNote(run, 'phase', `${mode.title}: waiting for the processes of a run that was killed`)
  await endLeftovers(config.dataDir)
  if (signal.aborted) return
  setNote(run, 'phase', `${mode.title}: starting PostgreSQL`)
  opened.opening = openRunDatabase(config, mode.databaseName)
  const database = await opened.opening
  opened.database = database
  await migrate(database.url, mode.chainIds)
  if (signal.aborted) return
  setNote(run, 'phase', `${mode.title}: starting the chains`)
  let targets: (() => RunTargets) | undefined
  const sources = await mode.prepare({
    config,
    database,
    note: (text) => setNote(run, 'mode', text),
    retarget: () => targets && replan(run, targets()),
  })
  if (signal.aborted) return
  targets = () => ({ ...sources(), dbUrl: database.url, apiPort })
  startProcesses(run, config, targets())
  run.pool = openPool(database.url, {
    application: 'supervisor',
    max: 1,
    readOnly: true,
    statementTimeoutMs: 5_000,
  })
  setNote(run, 'phase', mode.title)
}

function setNote(run: Run, topic: string, text: string | undefined): void {
  if (text === run.notes.get(topic)) return
  if (text === undefined) run.notes.delete(topic)
  else run.notes.set(topic, text)
  run.redraw()
}

/** Starts the processes anew whose settings are others now. */
function replan(run: Run, targets: RunTargets): void {
  for (const planned of planProcesses(targets)) {
    run.children.find((child) => child.name === planned.name)?.restartWith(planned.env)
  }
}

function startProcesses(run: Run, config: Config, targets: RunTargets): void {
  for (const planned of planProcesses(targets)) {
    run.children.push(
      startChild({
        name: planned.name,
        args: () => [join(packageRoot, 'lib', 'cli.js'), ...planned.args],
        env: planned.env,
        endsOnPurpose: planned.endsOnPurpose,
        logFile: join(config.dataDir, 'logs', `${planned.name}.log`),
      }),
    )
  }
  const base = `http://${config.api.host}:${targets.apiPort}`
  run.urls = [
    { label: 'page', url: `${base}/` },
    { label: 'GraphQL', url: `${base}/graphql` },
    { label: 'metrics', url: `${base}/metrics` },
    { label: 'logs', url: join(config.dataDir, 'logs') },
  ]
}

/** The wanted port, or a free one when it is taken and nobody asked for it by name. */
async function chooseApiPort(config: Config): Promise<number> {
  const { host, port, portIsChosen } = config.api
  if (port === 0) return freePort()
  if (await isPortFree(host, port)) return port
  if (!portIsChosen) return freePort()
  throw new PlimsollError(`PLIMSOLL_API_PORT=${port} is taken on ${host}`, {
    hint: 'choose another, or unset it to use any free port',
    exitCode: 2,
  })
}

function drawLoop(run: Run, mode: Mode, draw: (view: StatusView) => void): { stop(): void } {
  let stopped = false
  async function loop(): Promise<void> {
    while (!stopped) {
      const figures = await readFigures(run)
      if (stopped) return
      draw({
        upSec: (Date.now() - run.startedMs) / 1000,
        ...figures,
        oracleNote: mode.oracleNote ?? 'no confirmed update yet',
        processes: [...run.children, ...mode.children()].map((child) => ({
          name: child.name,
          state: child.state(),
          restarts: child.restarts(),
          lastLine: lastWords(child.tail()),
        })),
        urls: run.urls,
        notes: [...run.notes.values()],
      })
      await new Promise<void>((resolve) => {
        run.redraw = resolve
        setTimeout(resolve, DRAW_EVERY_MS)
      })
    }
  }
  void loop()
  return {
    stop() {
      stopped = true
    },
  }
}

async function readFigures(run: Run): Promise<Pick<StatusView, 'chains' | 'oracle'>> {
  if (!run.pool) return { chains: [], oracle: undefined }
  try {
    const figures = await readStatus(run.pool, Date.now())
    setNote(run, 'database', undefined)
    return figures
  } catch (error) {
    setNote(run, 'database', `PostgreSQL does not answer: ${messageOf(error)}`)
    return { chains: [], oracle: undefined }
  }
}

async function shutDown(
  run: Run,
  mode: Mode,
  opened: Opened,
  terminal: ReturnType<typeof openTerminal>,
): Promise<void> {
  terminal.close('\nStopping …')
  await run.pool?.end().catch(() => undefined)
  await Promise.all(run.children.map((child) => child.stop()))
  await Promise.all(mode.children().map((child) => child.stop(20_000)))
  const database = await opened.opening?.catch(() => undefined)
  await database?.stop()
  terminal.close('Stopped; nothing is left running.')
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
