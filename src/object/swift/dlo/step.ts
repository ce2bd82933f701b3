// Dynamic large objects: the header of a PUT or POST must be one. How they are read is their representer's business (read.ts).
import { SwiftRefusal } from '../refusals.ts'
import { representerAdd } from '../representations.ts'
import type { Step } from '../steps.ts'
import { manifestPlace } from './manifest.ts'
import { dloRepresenter } from './read.ts'

export const dlo: Step = async (request, next) => {
  const { method, object, headers } = request
  const manifest = headers['x-object-manifest']
  const isSet = object !== null && manifest !== undefined && (method === 'PUT' || (method === 'POST' && manifest !== ''))
  if (isSet && !manifestPlace(manifest)) throw new SwiftRefusal(400, 'X-Object-Manifest must be in the format container/prefix')
  return next(request)
}

representerAdd('dlo', dloRepresenter)
