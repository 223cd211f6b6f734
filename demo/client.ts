/** One RPC client for everything the local world does: reads, wallets that sign locally, anvil's test methods. */
import {
  createTestClient,
  http,
  type PublicActions,
  publicActions,
  type TestClient,
  type WalletActions,
  walletActions,
} from 'viem'
import { anvil } from 'viem/chains'

export type WorldClient = TestClient<'anvil'> & PublicActions & WalletActions

/** A client for an anvil node on loopback. Requests time out after 20 s and are not retried. */
export function createWorldClient(rpcUrl: string, chainId: number): WorldClient {
  return createTestClient({
    mode: 'anvil',
    chain: { ...anvil, id: chainId, name: `local ${chainId}` },
    transport: http(rpcUrl, { retryCount: 0, timeout: 20_000 }),
    cacheTime: 0,
  })
    .extend(publicActions)
    .extend(walletActions) as unknown as WorldClient
}
