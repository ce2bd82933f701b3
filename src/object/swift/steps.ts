// What a request goes through, in order; each step may answer by itself, change the request for those behind it, or look at their
// answer. Refusals thrown behind a step reach it as answers.
import { authentication } from './authentication.ts'
import { bulk } from './bulk/step.ts'
import type { SwiftAnswer } from './answer.ts'
import { copy } from './copy.ts'
import { core } from './core.ts'
import { cors } from './cors.ts'
import { dlo } from './dlo/step.ts'
import { formPost } from './form-post/step.ts'
import { pathRules } from './path-rules.ts'
import { plainPaths } from './plain-paths.ts'
import { rateLimit } from './rate-limit/step.ts'
import { readOnly } from './read-only.ts'
import { refusalAnswer } from './refusals.ts'
import type { SwiftRequest } from './request.ts'
import { slo } from './slo/step.ts'
import { staticWeb } from './static-web/step.ts'
import { symlink } from './symlink/step.ts'
import { tempUrl } from './temp-url/step.ts'
import { v1Auth } from './v1-auth.ts'
import { versioning } from './versioning/step.ts'

export type Next = (request: SwiftRequest) => Promise<SwiftAnswer>
export type Step = (request: SwiftRequest, next: Next) => Promise<SwiftAnswer>

const steps: { name: string; step: Step }[] = [
  { name: 'plain paths', step: plainPaths },
  { name: 'bulk', step: bulk },
  { name: 'temporary URL', step: tempUrl },
  { name: 'form', step: formPost },
  { name: 'rate', step: rateLimit },
  { name: 'v1 auth', step: v1Auth },
  { name: 'path rules', step: pathRules },
  { name: 'cors', step: cors },
  { name: 'authentication', step: authentication },
  { name: 'read-only', step: readOnly },
  { name: 'static web', step: staticWeb },
  { name: 'copy', step: copy },
  { name: 'static large objects', step: slo },
  { name: 'dynamic large objects', step: dlo },
  { name: 'versioning', step: versioning },
  { name: 'links', step: symlink },
]

const from =
  (index: number): Next =>
  async (request) => {
    const step = steps[index]?.step
    try {
      return step ? await step(request, from(index + 1)) : await core(request)
    } catch (thrown) {
      const refusal = refusalAnswer(thrown)
      if (!refusal) throw thrown
      return refusal
    }
  }

export const runSteps: Next = from(0)
