// The JSON schemas at /v2/schemas/… of images, members and tasks; those of metadata definitions are in metadef-schemas.ts.
import { imageProperties } from './image-schema.ts'
import { table } from '../platform/table.ts'

const uuid = '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$'
const readOnlyText = { readOnly: true, type: 'string' }
const text = (description: string, more: object = {}) => ({ type: 'string', description, ...more })

const image = {
  name: 'image',
  properties: imageProperties,
  additionalProperties: { type: 'string' },
  links: [
    { rel: 'self', href: '{self}' },
    { rel: 'enclosure', href: '{file}' },
    { rel: 'describedby', href: '{schema}' },
  ],
}

const member = {
  name: 'member',
  properties: {
    member_id: text('An identifier for the image member (tenantId)'),
    image_id: text('An identifier for the image', { pattern: uuid }),
    created_at: text('Date and time of image member creation'),
    updated_at: text('Date and time of last modification of image member'),
    status: text('The status of this image member', { enum: ['pending', 'accepted', 'rejected'] }),
    schema: readOnlyText,
  },
}

const taskListed = {
  id: text('An identifier for the task', { pattern: uuid }),
  type: text('The type of task represented by this content', { enum: ['import', 'api_image_import', 'location_import'] }),
  status: text('The current status of this task', { enum: ['pending', 'processing', 'success', 'failure'] }),
  owner: text('An identifier for the owner of this task'),
  image_id: text('Image associated with the task'),
  request_id: text('Human-readable informative request-id'),
  user_id: text('User associated with the task'),
  expires_at: { description: 'Datetime when this resource would be subject to removal', type: ['null', 'string'] },
  created_at: text('Datetime when this resource was created'),
  updated_at: text('Datetime when this resource was updated'),
  self: readOnlyText,
  schema: readOnlyText,
}

const task = {
  name: 'task',
  properties: {
    ...taskListed,
    input: { description: 'The parameters required by task, JSON blob', type: ['null', 'object'] },
    result: { description: 'The result of current task, JSON blob', type: ['null', 'object'] },
    message: text('Human-readable informative message only included when appropriate (usually on failure)'),
  },
}

/** A list of things: what the field calls a collection schema. */
export const collection = (name: string, items: object, paged = true) => ({
  name,
  properties: {
    [name]: { type: 'array', items },
    ...(paged ? { first: { type: 'string' }, next: { type: 'string' } } : {}),
    schema: { type: 'string' },
  },
  links: [
    ...(paged
      ? [
          { rel: 'first', href: '{first}' },
          { rel: 'next', href: '{next}' },
        ]
      : []),
    { rel: 'describedby', href: '{schema}' },
  ],
})

/** By the last part of the path. */
export const schemas: Record<string, object> = table({
  image,
  images: collection('images', image),
  member,
  members: collection('members', member, false),
  task,
  tasks: collection('tasks', { name: 'task', properties: taskListed }, false),
})
