import { type AddressInfo, createServer, type Server } from 'node:net'
import { SluiceError } from '../base/errors/index.ts'

/** TCP ports on loopback that are free now, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen))
  const ports = servers.map(server => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })
}

/**
 * Makes sure that a port which is written in repositories and kubeconfigs can be used again.
 *
 * @throws E_PORT_IN_USE
 */
export function requirePort(port: number, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', cause =>
      reject(new SluiceError('E_PORT_IN_USE', { object: what, seen: `127.0.0.1:${port} in use`, cause })),
    )
    server.listen(port, '127.0.0.1', () => server.close(() => resolve()))
  })
}
