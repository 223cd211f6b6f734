/** An API process beside the scorer: asked all the time, and its event loop watched from within. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../src/db/embedded'
import { packageRoot } from '../../src/package-root'
import type { LoopDelay } from '../../test/support/loop-watch.cjs'

const ASK_EVERY_MS = 100

export interface Api {
  pid: number
  /** How long its event loop was held up since it was last asked. */
  loop(): Promise<LoopDelay>
  /** Asks for scores every 100 ms. `stop` rejects when the API answered one of them with errors. */
  keepAsking(): { stop(): Promise<{ slowestAnswerMs: number }> }
  stop(): void
}

/** Starts it and resolves once it answers. */
export async function startApi(databaseUrl: string): Promise<Api> {
  const port = await freePort()
  const watch = join(packageRoot, 'test', 'support', 'loop-watch.cjs')
  const child = spawn(process.execPath, ['--require', watch, join(packageRoot, 'lib', 'cli.js'), 'api'], {
    env: { ...process.env, DB_URL: databaseUrl, PLIMSOLL_API_PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const base = `http://127.0.0.1:${port}`
  for (const deadline = Date.now() + 30_000; ; await sleep(100)) {
    if (await fetch(`${base}/health`).catch(() => undefined)) break
    if (Date.now() > deadline) throw new Error('the API does not answer')
  }
  return {
    pid: child.pid!,
    async loop() {
      const answer = once(child, 'message')
      child.send('')
      return (await answer)[0] as LoopDelay
    },
    keepAsking: () => keepAsking(`${base}/graphql`),
    stop: () => void child.kill('SIGKILL'),
  }
}

function keepAsking(url: string): ReturnType<Api['keepAsking']> {
  const query = '{ scores(limit: 10, where: { modelName_eq: "illicit" }) { id value } }'
  let going = true
  let slowestAnswerMs = 0
  const asking = (async () => {
    for (; going; await sleep(ASK_EVERY_MS)) {
      const started = performance.now()
      const reply = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
      const { errors } = (await reply.json()) as { errors?: unknown }
      if (errors !== undefined) throw new Error(`the API answered ${JSON.stringify(errors)}`)
      slowestAnswerMs = Math.max(slowestAnswerMs, performance.now() - started)
    }
  })()
  asking.catch(() => undefined)
  return {
    async stop() {
      going = false
      await asking
      return { slowestAnswerMs }
    },
  }
}
