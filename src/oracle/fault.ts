/**
 * What to log of a fault. The message of a viem error holds the endpoint's address, with the key in it, and the whole
 * request; its short message and details say what failed.
 */
import { BaseError } from 'viem'
import { messageOf } from '../errors'

/** One line for a viem error, the message for any other; no URL in it says more than its host. */
export function faultOf(error: unknown): string {
  if (!(error instanceof BaseError)) return messageOf(error)
  return messageOf(`${error.shortMessage} ${error.details}`.replace(/\s+/g, ' ').trim())
}
