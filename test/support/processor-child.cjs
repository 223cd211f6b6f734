/** Entry of a processor process for tests: options as JSON in PLIMSOLL_TEST_PROCESSOR. What is built starts sooner than its source. */
const { messageOf, PlimsollError } = require('../../lib/errors')
const { startProcessor } = require('../../lib/processor/main')

startProcessor(JSON.parse(process.env.PLIMSOLL_TEST_PROCESSOR ?? '{}')).catch((error) => {
  console.error(messageOf(error))
  if (!(error instanceof PlimsollError)) console.error(error)
  process.exit(error instanceof PlimsollError ? error.exitCode : 1)
})
process.on('disconnect', () => process.exit(1))
