// The one way for what tenants wrote to reach a terminal: nothing in it moves the cursor, rings, or turns the text
// around. Old names may hold such things; new ones are refused (api/limits.ts).

const acting =
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const escaped = (sign: string): string => `\\u{${(sign.codePointAt(0) ?? 0).toString(16)}}`

/** A text of several lines, with everything that a terminal would act on spelled out. */
export const forTerminal = (text: string): string => text.replace(acting, escaped)

/** The same for a name: it stays in its line. */
export const inLine = (text: string): string => forTerminal(text).replace(/[\n\t]/g, escaped)
