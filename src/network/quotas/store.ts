// SQL of the projects that have quotas of their own.
import type { Db } from '../../platform/store/store.ts'

interface Tables {
  quotas: { service: string; project_id: string }
}

export async function quotaProjects(db: Db, service: string): Promise<string[]> {
  const rows = await db
    .as<Tables>()
    .selectFrom('quotas')
    .select('project_id')
    .distinct()
    .where('service', '=', service)
    .where('project_id', '<>', '')
    .orderBy('project_id')
    .execute()
  return rows.map(({ project_id }) => project_id)
}
