// The Swift door, as the domain's wiring loads it at the first request.
export { swiftHandle } from './serve.ts'
