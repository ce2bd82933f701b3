// /credentials and /users/{id}/credentials/OS-EC2.
import Type from 'typebox'
import { operation, type Operation } from '../../platform/api/operation.ts'
import {
  credentialCreate,
  credentialDelete,
  credentialGet,
  credentialsList,
  credentialUpdate,
  permitNewCredential,
  type CredentialBody,
} from '../credentials.ts'
import { ec2Create, ec2Delete, ec2Get, ec2List } from '../ec2-credentials.ts'
import { listOf } from '../links.ts'
import { anyQuery, nullable, open, optional, text } from '../schemas.ts'
import { credentialView, ec2View } from '../views/delegation.ts'
import { asked } from './asked.ts'

const project = optional(nullable(text))
const ec2 = '/users/:user_id/credentials/OS-EC2'
const ids = (params: Record<string, string>): [string, string] => [params['user_id'] ?? '', params['credential_id'] ?? '']

export const credentialOperations: Operation[] = [
  operation({
    method: 'GET',
    path: '/credentials',
    summary: 'List credentials',
    policy: 'identity:list_credentials',
    status: 200,
    query: anyQuery,
    async handler(ctx, request) {
      const { user_id: userId, type } = request.query as { user_id?: string; type?: string }
      const rows = await credentialsList(ctx, { userId, type })
      return listOf(
        ctx,
        request,
        'credentials',
        rows.map((row) => credentialView(ctx, row)),
      )
    },
  }),
  operation({
    method: 'POST',
    path: '/credentials',
    summary: 'Create a credential',
    policy: 'identity:create_credential',
    status: 201,
    target: async (ctx, { body }) => permitNewCredential(ctx, asked(body, 'credential')['user_id']),
    body: open('credential', { blob: text, type: text, user_id: text, project_id: project }),
    handler: async (ctx, { body }) => ({
      credential: credentialView(ctx, await credentialCreate(ctx, body['credential'] as CredentialBody)),
    }),
  }),
  operation({
    method: 'GET',
    path: '/credentials/:credential_id',
    summary: 'Show a credential',
    policy: 'identity:get_credential',
    status: 200,
    handler: async (ctx, { params }) => ({ credential: credentialView(ctx, await credentialGet(ctx, params['credential_id'] ?? '')) }),
  }),
  operation({
    method: 'PATCH',
    path: '/credentials/:credential_id',
    summary: 'Update a credential',
    policy: 'identity:update_credential',
    status: 200,
    target: (ctx, { params }) => credentialGet(ctx, params['credential_id'] ?? ''),
    body: open(
      'credential',
      { blob: optional(text), type: optional(text), user_id: optional(text), project_id: project },
      { minProperties: 1 },
    ),
    async handler(ctx, { params, body }) {
      return {
        credential: credentialView(ctx, await credentialUpdate(ctx, params['credential_id'] ?? '', body['credential'] as CredentialBody)),
      }
    },
  }),
  operation({
    method: 'DELETE',
    path: '/credentials/:credential_id',
    summary: 'Delete a credential',
    policy: 'identity:delete_credential',
    status: 204,
    handler: (ctx, { params }) => credentialDelete(ctx, params['credential_id'] ?? ''),
  }),
  operation({
    method: 'GET',
    path: ec2,
    summary: 'List EC2 credentials',
    policy: 'identity:ec2_list_credentials',
    status: 200,
    handler: async (ctx, request) =>
      listOf(
        ctx,
        request,
        'credentials',
        (await ec2List(ctx, request.params['user_id'] ?? '')).map((each) => ec2View(ctx, each)),
      ),
  }),
  operation({
    method: 'POST',
    path: ec2,
    summary: 'Create an EC2 credential',
    policy: 'identity:ec2_create_credential',
    status: 201,
    target: async (ctx, { params }) => permitNewCredential(ctx, params['user_id']),
    body: Type.Object({ tenant_id: text }, { additionalProperties: true }),
    handler: async (ctx, { params, body }) => ({ credential: ec2View(ctx, await ec2Create(ctx, params['user_id'] ?? '', body.tenant_id)) }),
  }),
  operation({
    method: 'GET',
    path: `${ec2}/:credential_id`,
    summary: 'Show an EC2 credential',
    policy: 'identity:ec2_get_credential',
    status: 200,
    handler: async (ctx, { params }) => ({ credential: ec2View(ctx, await ec2Get(ctx, ...ids(params))) }),
  }),
  operation({
    method: 'DELETE',
    path: `${ec2}/:credential_id`,
    summary: 'Delete an EC2 credential',
    policy: 'identity:ec2_delete_credential',
    status: 204,
    handler: (ctx, { params }) => ec2Delete(ctx, ...ids(params)),
  }),
]
