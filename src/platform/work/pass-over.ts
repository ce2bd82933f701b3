// Steps that do not apply to what a saga is about: where it really is.
import type { Saga } from './definition.ts'
import type { ItemRow } from './items.ts'

/** On to the next step that applies, in the direction of the item; no commit, since after a crash it is found the same way. */
export function passOver(saga: Saga<object>, item: ItemRow): ItemRow {
  const direction = item.phase === 'forward' ? 1 : -1
  let { step } = item
  const data = saga.steps.some((each) => each.applies) ? (JSON.parse(item.data) as object) : {}
  while (saga.steps[step]?.applies?.(data) === false) step += direction
  return step === item.step ? item : { ...item, step }
}
