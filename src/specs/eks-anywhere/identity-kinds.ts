import { invalid, required } from '../../kube/field-errors.ts'
import { defineKind } from '../kind.ts'
import { list, object, text } from '../schema.ts'
import { eksaGroup, eksaVersion, emptyStatus } from './shared.ts'

const groups = list('Groups in the cluster.', text('A group.'))

/** OIDCConfig: people log in with OpenID Connect. */
export const oidcConfigKind = defineKind({
  group: eksaGroup,
  version: eksaVersion,
  kind: 'OIDCConfig',
  plural: 'oidcconfigs',
  description: 'Login with OpenID Connect.',
  spec: object('The issuer, and what its tokens mean.', {
    clientId: text('Client id that tokens must be for.'),
    groupsClaim: text('Claim with the groups.'),
    groupsPrefix: text('Put before each group.'),
    issuerUrl: text('Address of the issuer.'),
    requiredClaims: list(
      'Claims that tokens must have: at most one.',
      object('One claim.', { claim: text('Name.'), value: text('Value.') }),
    ),
    usernameClaim: text('Claim with the user name.'),
    usernamePrefix: text('Put before each user name.'),
  }),
  status: emptyStatus,
  defaults(config) {
    config.metadata.namespace ??= 'default'
  },
  rules: [
    {
      name: 'oidc',
      says: 'clientId and issuerUrl are given, the issuer is an https address, and at most one claim is required.',
      *check({ spec }) {
        if (!spec.clientId) yield required('spec.clientId', 'clientID is required')
        if (!spec.issuerUrl) yield required('spec.issuerUrl', 'issuerURL is required')
        else if (!URL.canParse(spec.issuerUrl) || !spec.issuerUrl.startsWith('https://')) {
          yield invalid('spec.issuerUrl', spec.issuerUrl, 'issuerURL should have HTTPS scheme')
        }
        if ((spec.requiredClaims ?? []).length > 1) {
          yield invalid(
            'spec.requiredClaims',
            spec.requiredClaims,
            'only one OIDC requiredClaim is supported at this time',
          )
        }
      },
    },
  ],
})

/** AWSIamConfig: people log in with AWS IAM. */
export const awsIamConfigKind = defineKind({
  group: eksaGroup,
  version: eksaVersion,
  kind: 'AWSIamConfig',
  plural: 'awsiamconfigs',
  description: 'Login with AWS IAM.',
  spec: object(
    'Who may log in, and as whom.',
    {
      awsRegion: text('Region.'),
      backendMode: list('Where mappings are read from.', text('A mode.')),
      mapRoles: list(
        'Roles.',
        object('One role.', { groups, roleARN: text('The role.'), username: text('User in the cluster.') }, [
          'roleARN',
          'username',
        ]),
      ),
      mapUsers: list(
        'Users.',
        object('One user.', { groups, userARN: text('The user.'), username: text('User in the cluster.') }, [
          'userARN',
          'username',
        ]),
      ),
      partition: text('Partition of AWS.', { default: 'aws' }),
    },
    ['awsRegion', 'backendMode'],
  ),
  status: emptyStatus,
  defaults(config) {
    config.metadata.namespace ??= 'default'
  },
})
