// Every saga and reconciler of servers, gathered for the engine.
import type { WorkDefinition } from '../../platform/work/definition.ts'

export const serverWork: WorkDefinition[] = []
