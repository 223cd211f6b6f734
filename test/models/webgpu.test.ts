/**
 * The GPU path on a real WebGPU device, be it a software one (Mesa 25 or newer brings lavapipe; Debian 12 has it in
 * backports: `apt install -t bookworm-backports mesa-vulkan-drivers`). Skips, saying why, where there is none.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { GATE_TOLERANCE, gateDifference, gateRows } from '../../src/models/gate'
import { readForest } from '../../src/models/onnx/read-forest'
import { modelFolder } from '../../src/models/registry'
import { type ModelRuntime, openModels } from '../../src/models/session'

let gpu: ModelRuntime | undefined
let reason = ''
beforeAll(async () => {
  await openModels({ names: ['illicit'], providers: ['webgpu'] }).then(
    (runtime) => {
      gpu = runtime
    },
    (error: Error) => {
      reason = `no WebGPU device: ${error.message}`
    },
  )
})
afterAll(() => gpu?.close())

it('a forest on WebGPU passes the gate and serves within 1e-5 of the canonical file', async (context) => {
  if (gpu === undefined) return context.skip(reason)
  expect(gpu.warnings).toEqual([])
  expect(gpu.models.illicit).toMatchObject({ provider: 'webgpu', form: 'tensor' })
  const cpu = await openModels({ names: ['illicit'] })
  const rows = gateRows(readForest(readFileSync(join(modelFolder('illicit'), 'model.onnx')))!)
  const [a, b] = [await gpu.score('illicit', rows, 1024), await cpu.score('illicit', rows, 1024)]
  await cpu.close()
  expect(gateDifference(a, b)).toBeLessThanOrEqual(GATE_TOLERANCE)
})
