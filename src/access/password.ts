import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { Semaphore } from '../base/semaphore.ts'
import { Secret } from '../secrets/secret.ts'

const scryptOf = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** OWASP's parameters for argon2id: 19 MiB, 2 passes (66 ms on the machine that this was chosen on). */
const argon = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
/** Where the native package does not load: 128 MiB, about ten times slower. */
const scryptCost = { N: 2 ** 17, r: 8, p: 1, maxmem: 160 * 1024 * 1024 }
const keyBytes = 32
/** Hashing takes memory and a core: so many at once, the rest waits. */
const slots = new Semaphore(2)

type Argon = typeof import('@node-rs/argon2')
let loading: Promise<Argon | undefined> | undefined

function loadArgon(): Promise<Argon | undefined> {
  return (loading ??= import('@node-rs/argon2').catch(() => undefined))
}

/** A text from which the password can be checked and not be found out. */
export async function hashPassword(password: Secret, native = loadArgon): Promise<string> {
  return slots.run(async () => {
    const argon2 = await native()
    if (argon2) return argon2.hash(normal(password), { ...argon, algorithm: 2 })
    const salt = randomBytes(16)
    const key = await scryptOf(normal(password), salt, keyBytes, scryptCost)
    return `$scrypt$ln=17,r=8,p=1$${salt.toString('base64url')}$${key.toString('base64url')}`
  })
}

/** Whether it is the password of the hash. */
export async function verifyPassword(hash: string, password: Secret, native = loadArgon): Promise<boolean> {
  return slots.run(async () => {
    if (hash.startsWith('$scrypt$')) {
      const [, , , salt = '', key = ''] = hash.split('$')
      const want = Buffer.from(key, 'base64url')
      const got = await scryptOf(normal(password), Buffer.from(salt, 'base64url'), keyBytes, scryptCost)
      return want.length === got.length && timingSafeEqual(want, got)
    }
    const argon2 = await native()
    return argon2 !== undefined && (await argon2.verify(hash, normal(password)))
  })
}

let decoy: Promise<string> | undefined

/** Takes as long as {@link verifyPassword} and is never right: for names that nobody has. */
export async function verifyNothing(password: Secret): Promise<false> {
  decoy ??= hashPassword(Secret.of(randomBytes(18).toString('hex')))
  await verifyPassword(await decoy, password)
  return false
}

/** One form for what keyboards send in several (NIST SP 800-63B §3.1.1.2). */
function normal(password: Secret): string {
  return password.reveal().normalize('NFKC')
}
