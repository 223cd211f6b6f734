/**
 * How long an event loop was held up, and how much of that was its own doing. A timer is late because its thread computed, or
 * because the thread wanted to run and others had the cores: on a busy machine the second is most of it. The kernel counts
 * the CPU time of a thread in `/proc/self/schedstat` (https://docs.kernel.org/scheduler/sched-stats.html), so the most that
 * was used between two looks bounds from above how long the loop was blocked by what ran in it.
 *
 * Loaded by `--require` it watches that process's main thread and answers each message on its channel.
 */
const { readFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const PERIOD_MS = 5

/** CPU time of the process's main thread; NaN where the system does not count it. */
function cpuMs() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[0]) / 1e6
  } catch {
    return Number.NaN
  }
}

/** Watches the main thread's loop. Maxima are since the last `take`. */
function watchLoop() {
  let last = { at: performance.now(), cpu: cpuMs() }
  let found = { heldUpMaxMs: 0, ownCpuMaxMs: 0 }
  const look = () => {
    const now = { at: performance.now(), cpu: cpuMs() }
    found.heldUpMaxMs = Math.max(found.heldUpMaxMs, now.at - last.at - PERIOD_MS)
    // NaN stays.
    found.ownCpuMaxMs = Math.max(found.ownCpuMaxMs, now.cpu - last.cpu)
    last = now
  }
  const timer = setInterval(look, PERIOD_MS)
  timer.unref()
  return {
    take() {
      look()
      const taken = found
      found = { heldUpMaxMs: 0, ownCpuMaxMs: 0 }
      return taken
    },
    stop: () => clearInterval(timer),
  }
}

module.exports = { watchLoop }

if (isMainThread && process.send !== undefined && module.parent?.id === 'internal/preload') {
  const watch = watchLoop()
  process.on('message', () => process.send(watch.take()))
  process.on('disconnect', () => process.exit(0))
  process.channel.unref()
}
