// Who may: for both doors.
export { acts, type Act } from './acts.ts'
export { decide } from './decide.ts'
export { refused, type Question, type Verdict } from './question.ts'
export { cleanAcl, isReferrerAllowed, parseAcl, type SwiftAcl } from './swift-acl.ts'
