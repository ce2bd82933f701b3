// What an image and a flavor say of one guest: properties and extra specs side by side.
import type { ServerFlavor } from '../store/servers.ts'

export interface Asked {
  /** properties by their present names */
  image: ReadonlyMap<string, string>
  flavor: ServerFlavor
}

/** `hw:key` of the flavor and `hw_key` of the image. */
export const ofBoth = ({ image, flavor }: Asked, key: string): [flavor: string | undefined, image: string | undefined] => [
  flavor.extraSpecs[`hw:${key}`],
  image.get(`hw_${key}`),
]
