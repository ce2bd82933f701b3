// What S3's rules say of a question: bucket policy, public access block, ownership, ACLs of buckets and objects. They hold for both doors.
import type { Question } from './question.ts'

/** 'deny' ends the matter, 'allow' is asked for when nothing else allows; null: they say nothing. */
export const s3Rules = (_question: Question): 'deny' | 'allow' | null => null
