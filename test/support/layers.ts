// Which room of its domain a file stands in, read from its path: the rules of the frame speak of rooms.

export type Layer = 'index' | 'routes' | 'views' | 'logic' | 'work' | 'store' | 'backends'

const rooms: [RegExp, Layer][] = [
  [/^src\/\w+\/(index|domain)\.ts$/, 'index'],
  [/\/backends\//, 'backends'],
  [/\/store\/|[/.]store\.ts$/, 'store'],
  // the doors of object storage read requests and write answers by themselves
  [/\/routes\/|[/.]routes\.ts$|^src\/object\/(swift|s3)\//, 'routes'],
  [/\/views\/|[/.]view\.ts$/, 'views'],
  // sagas and reconcilers, and the steps that several of them share
  [/\/work\/|\/steps\/|\.(saga|reconciler)\.ts$/, 'work'],
]

/** By folder or by file: `store/ports.ts`, `ports/store.ts` and `spec.store.ts` are all store; a domain's other files are logic. */
export function layerOf(path: string): Layer {
  return rooms.find(([pattern]) => pattern.test(path))?.[1] ?? 'logic'
}

/** A conformance suite is a test that the real and the fake driver share. */
export const isTestFile = (path: string): boolean => /\.test\.ts$|\/conformance\.ts$|^test\//.test(path)
