/** A long list of words, written as one text. */
export const wordsOf = (text: string): string[] => text.trim().split(/\s+/)
