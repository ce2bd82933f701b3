// /v2/images/:id/members
import Type from 'typebox'
import { operation, type ApiRequest, type Operation } from '../../platform/api/operation.ts'
import { memberCreate, memberUpdate, memberList, memberDelete, memberGet } from '../members.ts'
import { membersView, memberView } from '../views/members.ts'

const idOf = (request: ApiRequest): string => request.params['id'] ?? ''
const memberOf = (request: ApiRequest): string => request.params['member'] ?? ''
const path = '/images/:id/members'
const onePath = '/images/:id/members/:member'

export const memberOperations: Operation[] = [
  operation({
    method: 'GET',
    path,
    summary: 'List members',
    policy: 'get_members',
    status: 200,
    handler: async (ctx, request) => membersView(await memberList(ctx, idOf(request))),
  }),
  operation({
    method: 'POST',
    path,
    summary: 'Share an image with a project',
    policy: 'add_member',
    status: 200,
    body: Type.Object({ member: Type.String({ minLength: 1, maxLength: 255 }) }),
    handler: async (ctx, request) => memberView(await memberCreate(ctx, idOf(request), request.body.member)),
  }),
  operation({
    method: 'GET',
    path: onePath,
    summary: 'Show a member',
    policy: 'get_member',
    status: 200,
    handler: async (ctx, request) => memberView(await memberGet(ctx, idOf(request), memberOf(request))),
  }),
  operation({
    method: 'PUT',
    path: onePath,
    summary: 'Accept or reject a shared image',
    policy: 'modify_member',
    status: 200,
    body: Type.Object({ status: Type.Union([Type.Literal('pending'), Type.Literal('accepted'), Type.Literal('rejected')]) }),
    handler: async (ctx, request) => memberView(await memberUpdate(ctx, idOf(request), memberOf(request), request.body.status)),
  }),
  operation({
    method: 'DELETE',
    path: onePath,
    summary: 'Remove a member',
    policy: 'delete_member',
    status: 204,
    handler: (ctx, request) => memberDelete(ctx, idOf(request), memberOf(request)),
  }),
]
