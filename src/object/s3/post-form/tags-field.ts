// A form's field `tagging` is XML; a PUT says the same in its header x-amz-tagging.
import { all, one, text, xmlRead } from '../xml/read.ts'

export async function tagsHeader(field: string): Promise<string> {
  const root = xmlRead(Buffer.from(field), 'Tagging')
  return all(one(root, 'TagSet'), 'Tag')
    .map((tag) => [text(tag, 'Key') ?? '', text(tag, 'Value') ?? ''].map(encodeURIComponent).join('='))
    .join('&')
}
