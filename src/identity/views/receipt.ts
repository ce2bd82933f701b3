// A receipt → the body of the 401 that asks for more methods.
import { isoMicros } from '../../platform/clock.ts'
import type { Receipt } from '../auth/receipt.ts'

export const receiptView = ({ user, domain, methods, required, issuedAtMs, expiresAtMs }: Receipt) => ({
  receipt: {
    methods,
    user: { id: user.id, name: user.name, domain: domain ? { id: domain.id, name: domain.name } : null },
    expires_at: isoMicros(expiresAtMs),
    issued_at: isoMicros(issuedAtMs),
  },
  required_auth_methods: required,
})
