import { z } from 'zod'

/** What a person may do in a project and environment; each holds what the one before it holds. */
export const roleSchema = z.enum(['viewer', 'operator', 'administrator'])
export type Role = z.infer<typeof roleSchema>

/** A role in a scope; `*` stands for every project or environment. */
export const grantSchema = z.object({
  role: roleSchema,
  project: z.string(),
  environment: z.string(),
})
export type Grant = z.infer<typeof grantSchema>

export const personSchema = z.object({
  id: z.string(),
  /** Name to sign in with. */
  name: z.string(),
  displayName: z.string(),
  /** How the person signs in. */
  via: z.enum(['password', 'oidc', 'token']),
})
export type Person = z.infer<typeof personSchema>

/** GET /api/v1/session: who is signed in, and how one can. Answered for anyone. */
export const sessionSchema = z.object({
  /** Absent when nobody is signed in. */
  person: personSchema.optional(),
  grants: z.array(grantSchema),
  /** Whether an administrator is still to be set by the one-time link. */
  needsSetup: z.boolean(),
  signIn: z.object({
    password: z.boolean(),
    /** Sign-in with an OIDC issuer starts at `href`. */
    oidc: z.array(z.object({ id: z.string(), title: z.string(), href: z.string() })),
  }),
  version: z.string(),
})
export type Session = z.infer<typeof sessionSchema>

/** POST /api/v1/session. Answers with a Session and sets the cookie. */
export const signInSchema = z.object({ name: z.string().min(1).max(200), password: z.string().min(1).max(1000) })
export type SignIn = z.infer<typeof signInSchema>

/** POST /api/v1/setup: sets the administrator with the secret of the one-time link, and signs in. Answers with a Session. */
export const setupSchema = z.object({
  secret: z.string().min(1).max(200),
  name: z.string().min(1).max(100),
  displayName: z.string().max(200).optional(),
  password: z.string().min(12).max(1000),
})
export type Setup = z.infer<typeof setupSchema>
