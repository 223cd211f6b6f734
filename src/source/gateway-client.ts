/** Asks a gateway whether it is our own, over a capture, and what the capture holds. */
import { z } from 'zod'
import { messageOf, PlimsollError } from '../errors'

const infoSchema = z.object({
  chainId: z.number().int().positive(),
  ranges: z.array(z.object({ from: z.number().int(), to: z.number().int() })).min(1),
})

export type CaptureInfo = z.infer<typeof infoSchema>

const TIMEOUT_MS = 10_000
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * What a local capture gateway serves; undefined for any other gateway. Gateways elsewhere are not asked.
 * @throws PlimsollError when a loopback gateway does not answer
 */
export async function captureInfo(gatewayUrl: string): Promise<CaptureInfo | undefined> {
  const url = new URL(gatewayUrl)
  if (!LOOPBACK.has(url.hostname)) return undefined
  let response: Response
  try {
    response = await fetch(`${gatewayUrl.replace(/\/$/, '')}/capture`, {
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
  } catch (error) {
    throw new PlimsollError(`the gateway at ${url.host} does not answer: ${messageOf(error)}`, {
      cause: error,
    })
  }
  if (!response.ok) return undefined
  const parsed = infoSchema.safeParse(await response.json().catch(() => undefined))
  return parsed.success ? parsed.data : undefined
}
