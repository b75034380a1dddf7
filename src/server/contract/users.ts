import { z } from 'zod'
import { grantSchema } from './access.ts'

/** A name to sign in with: no spaces at its ends, nothing invisible. */
export const userNameSchema = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@+ -]*$/u, 'letters, digits and . _ @ + - only, beginning with a letter or digit')
  .refine(name => name === name.trim(), 'no space at the end')

/** `*`, or a name of a project or environment. */
const scopeNameSchema = z
  .string()
  .regex(/^(?:\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/, '`*` or a name of lower-case letters, digits and hyphens')

export const grantWishSchema = grantSchema.extend({ project: scopeNameSchema, environment: scopeNameSchema })
export const grantWishesSchema = z.array(grantWishSchema).max(200)

export const passwordSchema = z.string().min(12, 'at least 12 characters').max(1000)

/** GET /api/v1/users. */
export const userSchema = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  disabled: z.boolean(),
  hasPassword: z.boolean(),
  /** Issuer that the user signs in with. */
  oidcIssuer: z.string().optional(),
  createdAt: z.string(),
  signedInAt: z.string().optional(),
  /** Set by an administrator. */
  grants: z.array(grantSchema),
  /** From the groups of the issuer, at the last sign-in. */
  grantsFromGroups: z.array(grantSchema),
})
export type User = z.infer<typeof userSchema>

/** POST /api/v1/users. */
export const newUserSchema = z.object({
  name: userNameSchema,
  displayName: z.string().max(200).optional(),
  password: passwordSchema,
  grants: grantWishesSchema,
})
export type NewUser = z.infer<typeof newUserSchema>

/** GET /api/v1/tokens. The text of a token is never given again. */
export const apiTokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  userId: z.string(),
  grants: z.array(grantSchema),
  createdAt: z.string(),
  endsAt: z.string(),
  usedAt: z.string().optional(),
})
export type ApiToken = z.infer<typeof apiTokenSchema>

/** POST /api/v1/tokens. */
export const newApiTokenSchema = z.object({
  name: z.string().trim().min(1).max(100),
  /** What it may do, at most what its owner may. */
  grants: grantWishesSchema.min(1),
  /** When it ends, in days from now. */
  days: z.number().int().min(1).max(366),
})
export type NewApiToken = z.infer<typeof newApiTokenSchema>

/** Answer of POST /api/v1/tokens: the only one that has the text. */
export const madeApiTokenSchema = z.object({ token: z.string(), view: apiTokenSchema })
export type MadeApiToken = z.infer<typeof madeApiTokenSchema>
