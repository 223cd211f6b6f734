/** Entry of the thread that computes stress tests: everything it does is in compute.ts. */
import { serveJobs } from './compute'

serveJobs()
