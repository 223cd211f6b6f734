/** `GET /stress/<runId>.arrow`: a run that is done as an Arrow file, for those who may start stress tests. */
import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { ARROW_TABLES, type ArrowTable, stressArrow } from '../../stress-run/arrow'
import { type Access, credentialsOf, requireCaller } from '../access'
import type { StressDesk } from './desk'

const PATH = /^\/stress\/([0-9a-f]{32})\.arrow$/
const ARROW_TYPE = 'application/vnd.apache.arrow.file'

export function stressArrowPlugin({ runs }: StressDesk, access: Access): Plugin {
  return {
    async onRequest({ request, url, fetchAPI, endResponse }) {
      if (request.method !== 'GET' || !url.pathname.startsWith('/stress/')) return
      const refuse = (status: number, message: string) =>
        endResponse(
          new fetchAPI.Response(`${message}\n`, { status, headers: { 'content-type': 'text/plain' } }),
        )
      const refusal = refusalOf(access, request)
      if (refusal !== undefined) return refuse(401, refusal)
      const runId = PATH.exec(url.pathname)?.[1]
      if (runId === undefined) return refuse(404, 'no such run; the path is /stress/<runId>.arrow')
      const table = url.searchParams.get('table') ?? 'parts'
      if (!isTable(table)) return refuse(400, `table is one of ${ARROW_TABLES.join(', ')}`)
      const run = await runs.read(runId).catch(() => null)
      if (run === null) return refuse(503, 'the database is not available; try again')
      if (run?.result == null)
        return refuse(404, run ? `the run is ${run.status}: it has no result` : 'no such run')
      const headers = { 'content-type': ARROW_TYPE, 'cache-control': 'no-store' }
      // A copy of exactly the bytes: a response takes no view of a shared buffer.
      const body = new Uint8Array(stressArrow(run.result, table, runId))
      endResponse(new fetchAPI.Response(body, { status: 200, headers }))
    },
  }
}

function isTable(name: string): name is ArrowTable {
  return ARROW_TABLES.some((known) => known === name)
}

function refusalOf(access: Access, request: Request): string | undefined {
  try {
    requireCaller(access, credentialsOf(request))
    return undefined
  } catch (error) {
    if (error instanceof GraphQLError) return error.message
    throw error
  }
}
