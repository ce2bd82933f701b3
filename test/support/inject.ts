// A request to a listener in the test's own process, without a socket.
import type { RequestListener } from 'node:http'
import inject, { type InjectOptions, type Response } from 'light-my-request'

export const injectInto = (app: { answer: RequestListener }, request: InjectOptions): Promise<Response> => inject(app.answer, request)
