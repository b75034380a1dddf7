import { expect, test } from 'vitest'
import { Secret } from '../../../secrets/secret.ts'
import { signRequest } from './sign.ts'

// The examples in Amazon's "Signature Calculations for the Authorization Header" (S3 API reference).
const credentials = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: Secret.of('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'),
}
const now = new Date('2013-05-24T00:00:00Z')

test.each([
  ['/test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
  ['/?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['/?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
])('%s is signed as in the book', (path, headers, signature) => {
  const url = new URL(`https://examplebucket.s3.amazonaws.com${path}`)
  const signed = signRequest({ method: 'GET', url, credentials, region: 'us-east-1', now, headers })
  expect(signed['authorization']).toContain(`Signature=${signature}`)
})
