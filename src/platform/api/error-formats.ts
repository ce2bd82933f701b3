// How each service writes an error: the one place where ApiError becomes bytes.
import { errorTable, type ApiError } from '../errors.ts'

/** `version` is the microversion that was negotiated, when there is one: '1.23' */
export type ErrorFormat = (error: ApiError, requestId: string, version?: string) => { contentType: string; body: string }

const json = (value: unknown) => ({ contentType: 'application/json', body: JSON.stringify(value) })

const novaNames: Record<number, string> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  406: 'computeFault',
  408: 'computeFault',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
}

/** Nova's and Cinder's: {"itemNotFound": {"code": 404, "message": …}} */
export const novaErrors: ErrorFormat = (error) =>
  json({ [novaNames[error.status] ?? 'computeFault']: { code: error.status, message: error.message } })

/** Keystone's: {"error": {"code": 404, "message": …, "title": "Not Found"}} */
export const keystoneErrors: ErrorFormat = (error) =>
  json({ error: { code: error.status, message: error.message, title: errorTable[error.code].title } })

/** Neutron's: {"NeutronError": {"type": "NetworkNotFound", "message": …, "detail": ""}} */
export const neutronErrors: ErrorFormat = (error) =>
  json({
    NeutronError: {
      type: error.type ?? `HTTP${errorTable[error.code].title.replaceAll(' ', '')}`,
      message: error.message,
      detail: error.detail ?? '',
    },
  })

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** Glance's: a small HTML page, as webob writes it. */
export const glanceErrors: ErrorFormat = (error) => {
  const title = `${error.status} ${errorTable[error.code].title}`
  return {
    contentType: 'text/html; charset=UTF-8',
    body: `<html>\n <head>\n  <title>${title}</title>\n </head>\n <body>\n  <h1>${title}</h1>\n  ${escapeHtml(error.message)}<br /><br />\n\n\n </body>\n</html>`,
  }
}

/** Placement's: {"errors": [{"status", "title", "detail", "code", "request_id"}]}; the code since 1.23, the range when no version could be agreed on. */
export const placementErrors: ErrorFormat = (error, requestId, version) => {
  const [major = 0, minor = 0] = (version ?? '0.0').split('.').map(Number)
  const coded = major > 1 || (major === 1 && minor >= 23)
  return json({
    errors: [
      {
        status: error.status,
        title: errorTable[error.code].title,
        detail: error.message,
        ...(coded ? { code: error.type ?? 'placement.undefined_code' } : {}),
        request_id: requestId,
        ...(error.status === 406 && version === undefined ? { min_version: '1.0', max_version: '1.39' } : {}),
      },
    ],
  })
}
