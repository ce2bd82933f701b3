// Cinder's refusals, in its words.
import { ApiError, badRequest, notFound } from '../platform/errors.ts'

export const volumeNotFound = (id: string) => notFound(`Volume ${id} could not be found.`)
export const snapshotNotFound = (id: string) => notFound(`Snapshot ${id} could not be found.`)
export const invalidVolume = (reason: string) => badRequest(`Invalid volume: ${reason}`, { type: 'InvalidVolume' })
export const invalidSnapshot = (reason: string) => badRequest(`Invalid snapshot: ${reason}`)
export const invalidInput = (reason: string) => badRequest(`Invalid input received: ${reason}`)
export const invalidType = (reason: string) => badRequest(`Invalid volume type: ${reason}`)
export const overLimit = (message: string) => new ApiError('too_large', message, { headers: { 'retry-after': '0' } })
