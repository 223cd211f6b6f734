/** Entry of a scoring thread: everything it does is in session.ts, the only importer of onnxruntime-node. */
import { serveSessions } from './session'

serveSessions()
