/**
 * Entry of our processor in a bench: the compiled code, over a chain that no chain file describes (options as JSON in
 * PLIMSOLL_BENCH_PROCESSOR). It ends through `process.exit` when its channel closes, so that a profile is written.
 */
const { messageOf } = require('../lib/errors')
const { startProcessor } = require('../lib/processor/main')

process.on('disconnect', () => process.exit(0))
startProcessor(JSON.parse(process.env.PLIMSOLL_BENCH_PROCESSOR)).catch((error) => {
  console.error(messageOf(error))
  process.exit(error.exitCode ?? 1)
})
