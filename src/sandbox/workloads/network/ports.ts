import type { Pod, Service } from '../shared/types.ts'

/** A port at which a service's pods are reached. */
export interface EndpointPort {
  readonly name?: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

/** The ports of a service as this pod serves them; named target ports are looked up in its containers. */
export function portsFor(service: Service, pod: Pod): EndpointPort[] {
  const ports: EndpointPort[] = []
  for (const { name, port, protocol = 'TCP', targetPort, appProtocol } of service.spec.ports ?? []) {
    const number =
      typeof targetPort === 'string'
        ? pod.spec.containers
            .flatMap(container => container.ports ?? [])
            .find(one => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)?.containerPort
        : (targetPort ?? port)
    if (number === undefined) continue
    ports.push({ ...(name ? { name } : {}), port: number, protocol, ...(appProtocol ? { appProtocol } : {}) })
  }
  return ports
}
