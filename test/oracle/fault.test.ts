import { HttpRequestError } from 'viem'
import { expect, it } from 'vitest'
import { chainClient } from '../../src/chains/client'
import { PlimsollError } from '../../src/errors'
import { faultOf } from '../../src/oracle/fault'

it('tells what failed at an endpoint in one line, without the endpoint’s key', async () => {
  const client = chainClient('http://127.0.0.1:1/v2/s3cret-key')
  const error = await client.getBlockNumber().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(String(error)).toContain('s3cret-key')
  expect(faultOf(error)).toMatch(/^HTTP request failed\. /)
  expect(faultOf(error)).not.toMatch(/s3cret-key|\n/)
})

it('removes the key also where a node repeats the address in its answer', () => {
  const error = new HttpRequestError({ url: 'https://node/k3y', details: 'no route to https://node/k3y' })
  expect(faultOf(error)).toBe('HTTP request failed. no route to https://node/…')
})

it('leaves other errors as they are', () => {
  expect(faultOf(new PlimsollError('no', { hint: 'go' }))).toBe('no\n  → go')
  expect(faultOf('just text')).toBe('just text')
})
