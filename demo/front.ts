/**
 * The door of a chain's process: a loopback port that leads to the node.
 *
 * The node itself listens elsewhere. While it replays its journal nobody may look at it, for it would show a chain that
 * is too short, nor send it anything, for a stranger's transaction in a replayed block changes its hash. So the door is
 * opened when the chain is whole, at the port by which the chain's readers knew it before.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

export type Front = {
  port: number
  close: () => void
}

/** Opens a port that leads to `target`: the wanted one, or a free one when it is taken or 0. */
export async function openFront(target: number, wanted: number): Promise<Front> {
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', noDelay: true })
    join(near, far, open)
    join(far, near, open)
  })
  const taken = wanted !== 0 && !(await binds(server, wanted))
  if (wanted === 0 || taken) await binds(server, 0)
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}

function join(from: Socket, to: Socket, open: Set<Socket>): void {
  open.add(from)
  from.on('error', () => {})
  from.on('close', () => {
    open.delete(from)
    to.destroy()
  })
  from.pipe(to)
}

/** False when the port is taken. */
async function binds(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' || error.code === 'EACCES' ? resolve(false) : reject(error)
    server.once('error', failed)
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      server.off('error', failed)
      resolve(true)
    })
  })
}
