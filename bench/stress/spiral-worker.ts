/** A thread of the spiral bench: makes the case, says so, then runs its part of the scenarios each time it is told. */
import { parentPort, workerData } from 'node:worker_threads'
import { built } from '../built'
import { type CaseSize, spiralCase } from './spiral-cases'

const { runScenarios } =
  built<typeof import('../../src/systemic/spiral-scenarios')>('systemic/spiral-scenarios')

export interface SpiralJob {
  size: CaseSize
  /** Scenarios from … to − 1. */
  from: number
  to: number
}

const { size, from, to } = workerData as SpiralJob
const { plan, prices } = spiralCase(size)
const part = prices.subarray(from * plan.assets.length, to * plan.assets.length)
// The compiler sees the loops before the clock starts.
runScenarios(plan, part)
parentPort?.on('message', () => parentPort?.postMessage(runScenarios(plan, part).badDebtUsd))
parentPort?.postMessage('ready')
