// /credentials and /users/{id}/credentials/OS-EC2.
import { Type } from '../../platform/api/type.ts'
import { operation, type Operation } from '../../platform/api/operation.ts'
import {
  credentialCreate,
  credentialDelete,
  credentialGet,
  credentialsList,
  credentialProperties,
  credentialUpdate,
  permitNewCredential,
} from '../credentials.ts'
import { ec2CredentialCreate, ec2CredentialDelete, ec2CredentialGet, ec2CredentialsList } from '../ec2-credentials.ts'
import { text } from '../schemas.ts'
import { credentialView, ec2View } from '../views/delegation.ts'
import { each, listing, operationsOf } from './resource.ts'

const ec2 = '/users/:user_id/credentials/OS-EC2'
const ids = (params: Record<string, string>): [string, string] => [params['user_id'] ?? '', params['credential_id'] ?? '']

export const credentialOperations: Operation[] = [
  ...operationsOf({
    name: 'credential',
    plural: 'credentials',
    noun: 'a credential',
    path: '/credentials',
    properties: credentialProperties,
    shown: each(credentialView),
    filters: [],
    list: credentialsList,
    create: credentialCreate,
    permitNew: (ctx, wanted) => permitNewCredential(ctx, wanted['user_id']),
    get: credentialGet,
    update: credentialUpdate,
    delete: credentialDelete,
  }),
  listing(ec2, 'credentials', {
    summary: 'List EC2 credentials',
    policy: 'identity:ec2_list_credentials',
    rows: (ctx, params) => ec2CredentialsList(ctx, params['user_id'] ?? ''),
    shown: each(ec2View),
  }),
  operation({
    method: 'POST',
    path: ec2,
    summary: 'Create an EC2 credential',
    policy: 'identity:ec2_create_credential',
    status: 201,
    target: async (ctx, { params }) => permitNewCredential(ctx, params['user_id']),
    body: Type.Object({ tenant_id: text }, { additionalProperties: true }),
    handler: async (ctx, { params, body }) => ({
      credential: ec2View(ctx, await ec2CredentialCreate(ctx, params['user_id'] ?? '', body.tenant_id)),
    }),
  }),
  operation({
    method: 'GET',
    path: `${ec2}/:credential_id`,
    summary: 'Show an EC2 credential',
    policy: 'identity:ec2_get_credential',
    status: 200,
    handler: async (ctx, { params }) => ({ credential: ec2View(ctx, await ec2CredentialGet(ctx, ...ids(params))) }),
  }),
  operation({
    method: 'DELETE',
    path: `${ec2}/:credential_id`,
    summary: 'Delete an EC2 credential',
    policy: 'identity:ec2_delete_credential',
    status: 204,
    handler: (ctx, { params }) => ec2CredentialDelete(ctx, ...ids(params)),
  }),
]
