/** Entry of a processor process for tests: options as JSON in PLIMSOLL_TEST_PROCESSOR. */
import { messageOf, PlimsollError } from '../../src/errors'
import { startProcessor } from '../../src/processor/main'

startProcessor(JSON.parse(process.env.PLIMSOLL_TEST_PROCESSOR ?? '{}')).catch((error: unknown) => {
  console.error(messageOf(error))
  if (!(error instanceof PlimsollError)) console.error(error)
  process.exit(error instanceof PlimsollError ? error.exitCode : 1)
})
process.on('disconnect', () => process.exit(1))
