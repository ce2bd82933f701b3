// What a request goes through, in order; each step may answer by itself, change the request for those behind it, or look at their
// answer. Refusals thrown behind a step reach it as answers.
import { authentication } from './authentication.ts'
import type { SwiftAnswer } from './answer.ts'
import { copy } from './copy.ts'
import { core } from './core.ts'
import { cors } from './cors.ts'
import { pathRules } from './path-rules.ts'
import { plainPaths } from './plain-paths.ts'
import { refusalAnswer } from './refusals.ts'
import type { SwiftRequest } from './request.ts'

export type Next = (request: SwiftRequest) => Promise<SwiftAnswer>
export type Step = (request: SwiftRequest, next: Next) => Promise<SwiftAnswer>

const steps: { name: string; step: Step }[] = [
  { name: 'plain paths', step: plainPaths },
  { name: 'path rules', step: pathRules },
  { name: 'cors', step: cors },
  { name: 'authentication', step: authentication },
  { name: 'copy', step: copy },
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
