/** The committed files of illicit can be made again from the data, byte for byte. Takes as long as all other models together. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { modelFolder } from '../../src/models/registry'
import { describeWithData } from '../support/data'

const cli = join(__dirname, '../../lib/cli.js')

describeWithData('training illicit again', ['accounts/ethereum-fraud-accounts.csv.gz'], () => {
  // In a process of its own: minutes of synchronous work would cut this one off from the test runner.
  it('gives the committed files', async () => {
    const out = mkdtempSync(join(tmpdir(), 'plimsoll-train-'))
    await promisify(execFile)(process.execPath, [cli, 'train', 'illicit', '--out', out])
    for (const name of ['model.onnx', 'metrics.json', 'golden.json', 'reference.json', 'cover.json'])
      expect(
        readFileSync(join(out, name)).equals(readFileSync(join(modelFolder('illicit'), name))),
        name,
      ).toBe(true)
    rmSync(out, { recursive: true })
  })
})
