/** Entry of a scoring thread: everything it does is in session-worker.ts. */
import { serveSessions } from './session-worker'

serveSessions()
