// /v2/images/:id/members
import { Type } from '../../platform/api/type.ts'
import type { ApiRequest, Operation } from '../../platform/api/operation.ts'
import { resource } from '../../platform/api/resource.ts'
import { memberCreate, memberUpdate, memberList, memberDelete, memberGet } from '../members.ts'
import { membersView, memberView } from '../views/members.ts'
import { rulesOf } from './resources.ts'

const idOf = (request: Pick<ApiRequest, 'params'>): string => request.params['id'] ?? ''
const members = resource({
  path: '/images/:id/members',
  key: 'member',
  one: 'a member',
  many: 'members',
  rule: rulesOf('member'),
  status: { create: 200 },
})

export const memberOperations: Operation[] = [
  members.list({ handler: async (ctx, request) => membersView(await memberList(ctx, idOf(request))) }),
  members.create({
    summary: 'Share an image with a project',
    body: Type.Object({ member: Type.String({ minLength: 1, maxLength: 255 }) }),
    handler: async (ctx, request) => memberView(await memberCreate(ctx, idOf(request), request.body.member)),
  }),
  members.show({ handler: async (ctx, member, request) => memberView(await memberGet(ctx, idOf(request), member)) }),
  members.update({
    summary: 'Accept or reject a shared image',
    body: Type.Object({ status: Type.Union([Type.Literal('pending'), Type.Literal('accepted'), Type.Literal('rejected')]) }),
    handler: async (ctx, member, request) => memberView(await memberUpdate(ctx, idOf(request), member, request.body.status)),
  }),
  members.delete({ summary: 'Remove a member', handler: (ctx, member, request) => memberDelete(ctx, idOf(request), member) }),
]
