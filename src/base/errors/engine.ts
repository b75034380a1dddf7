import { defineErrors } from './define.ts'

/** Errors of the engine area. */
export const engineErrors = defineErrors({
  E_ENGINE_NOT_LEADER: {
    title: 'this engine may not write: another one leads',
    cause: 'The lease of the engine ended or was taken over, for example after the process was stopped for a while.',
    fix: 'Nothing: the engine stops by itself and follows the leader. Run one engine per cluster to avoid the switch.',
    exit: 'refused',
    retryable: true,
  },
  E_ENGINE_DATA_BUSY: {
    title: 'another engine uses this data folder',
    cause: 'Two engines were started on one data folder; its mirrors have room for one.',
    fix: 'Stop the other engine, or give this one a data folder of its own.',
    exit: 'refused',
  },
  E_ENGINE_ADDRESS: {
    title: 'the engine cannot listen on this address',
    cause: 'The address is not one, or another process uses its port.',
    fix: 'Give another address, for example 127.0.0.1:9292; a port of 0 takes any free one.',
    exit: 'usage',
  },
  E_ENGINE_IMAGE: {
    title: 'an engine in the cluster needs an image',
    cause:
      'Sluice publishes no image: it is built from its Dockerfile, and pushed to a registry that the cluster reaches.',
    fix: 'Build it (docker build -t REGISTRY/sluice:VERSION .), push it, and name it with --engine-image, best with its digest.',
    exit: 'usage',
  },
  E_ENGINE_SELECTOR: {
    title: 'this is not a label selector',
    cause: 'The selector that says which objects this engine works on cannot be read.',
    fix: 'Write it as kubectl does, for example sharding.fluxcd.io/key=shard1 or !sharding.fluxcd.io/key.',
    exit: 'usage',
  },
  E_ENGINE_STORAGE_ADDRESS: {
    title: 'artifacts cannot be served at this address',
    cause: 'The address is none, another program listens there, or this user may not use the port.',
    fix: 'Give --storage-addr another address, such as :9090, or stop the program that uses it.',
    exit: 'refused',
  },
  E_ENGINE_NOT_READABLE: {
    title: 'an object that the engine needs cannot be read',
    cause: 'The API server did not answer in time, or the engine may not list the kind.',
    fix: 'Check the API server, and the rights of the engine on the kind in the message.',
    exit: 'unreachable',
    retryable: true,
  },
  E_ENGINE_BUILD: {
    title: 'the objects cannot be built',
    cause: 'A file is missing or wrong, a variable or value is not there, or a chart cannot be had or rendered.',
    fix: 'Correct what the message names.',
    exit: 'input',
  },
  E_ENGINE_DIFF: {
    title: 'the difference cannot be worked out',
    cause: 'The API server refused the dry run of an object.',
    fix: 'Correct the object that the message names.',
    exit: 'failure',
  },
})
