import type { Tool } from './tool.ts'

/** Whether the server under test runs workload controllers: a Deployment has a ReplicaSet after a moment. */
export async function runsWorkloads(kubectl: Tool): Promise<boolean> {
  await kubectl.ok('create', 'deployment', 'probe-of-controllers', '--image=probe:1')
  try {
    for (let attempt = 0; attempt < 15; attempt++) {
      const found = await kubectl.ok('get', 'replicasets', '-l', 'app=probe-of-controllers', '-o', 'name')
      if (found !== '') return true
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    return false
  } finally {
    await kubectl.ok('delete', 'deployment', 'probe-of-controllers', '--wait=false')
  }
}
