// The conformance suite over the real network. Run inside a namespace of its own by real.real.test.ts.
import { labCloud } from './cloud.ts'
import { networkConformance } from '../../../src/host/network/conformance.ts'

networkConformance('real', () => labCloud())
