/**
 * Every IAM action that Sluice asks of AWS for node groups, and what for. docs/guides/eksctl.md has the same as a policy; a
 * test holds both against the calls that are made.
 */
export const awsActions = {
  /** To see and to size the groups. */
  follow: [
    'eks:ListNodegroups',
    'eks:DescribeNodegroup',
    'eks:DescribeUpdate',
    'eks:UpdateNodegroupConfig',
    'autoscaling:DescribeAutoScalingGroups',
    'autoscaling:UpdateAutoScalingGroup',
    'cloudformation:ListStacks',
    'cloudformation:DescribeStacks',
    'cloudformation:DescribeStackResources',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeImages',
  ],
  /** More, with `missing: Create`. */
  create: ['eks:CreateNodegroup', 'eks:TagResource', 'iam:PassRole'],
  /** More, with `extra: Delete`. */
  delete: ['eks:DeleteNodegroup', 'cloudformation:DeleteStack'],
} as const
