/** Forks an anvil chain. */
import type { World } from '../../demo/world'

/** Replaces the last `depth` blocks by as many empty ones. */
export async function reorg(world: World, depth: number): Promise<void> {
  await world.client.request<{ Method: 'anvil_reorg'; Parameters: [number, never[]]; ReturnType: null }>({
    method: 'anvil_reorg',
    params: [depth, []],
  })
}
