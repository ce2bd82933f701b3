// Links of Nova's resources: `self` with the version, `bookmark` without.
import type { Context } from '../../platform/context.ts'

export interface Link {
  rel: string
  href: string
  type?: string
}

/** /compute/v2.1/<collection>/<id> and /compute/<collection>/<id> */
export const links = (ctx: Context, collection: string, id: string): Link[] => [
  { rel: 'self', href: `${ctx.config.publicUrl}/compute/v2.1/${collection}/${id}` },
  { rel: 'bookmark', href: `${ctx.config.publicUrl}/compute/${collection}/${id}` },
]
