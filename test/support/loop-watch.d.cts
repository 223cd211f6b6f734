export interface LoopDelay {
  /** Longest delay of a timer. */
  heldUpMaxMs: number
  /** Most CPU time that the thread used between two looks; NaN where the system does not count it. */
  ownCpuMaxMs: number
}

export interface LoopWatch {
  take(): LoopDelay
  stop(): void
}

/** Watches the main thread's event loop. */
export function watchLoop(): LoopWatch
