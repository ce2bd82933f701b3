// How this service writes times and links.
import type { Context } from '../../platform/context.ts'

/** 2026-11-22T20:28:19.150000 */
export const micros = (iso: string | null): string | null => (iso === null ? null : `${iso.slice(0, 23)}000`)

/** self and bookmark, below the project of who asks */
export function linksOf(ctx: Context, collection: string, id: string): { rel: string; href: string }[] {
  const project = ctx.actor.projectId ?? ''
  return [
    { rel: 'self', href: `${ctx.config.publicUrl}/volume/v3/${project}/${collection}/${id}` },
    { rel: 'bookmark', href: `${ctx.config.publicUrl}/volume/${project}/${collection}/${id}` },
  ]
}
