// What the engine of a process that ends still has to write.
import type { Platform } from '../../platform/context.ts'
import { engineOf } from './engine.ts'
import { transfersWrite } from './transfers.ts'

export const engineStop = (platform: Platform): Promise<void> => transfersWrite(engineOf(platform))
