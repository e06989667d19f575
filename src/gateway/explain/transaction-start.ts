/** Whoever asks for an exchange gives at least so many of the first of the 32 digits of its transaction id. */
export const fewestDigits = 8;

/** Of those that begin as asked, no more are told. */
export const mostFound = 5;

/** Whether it is a transaction id, or enough of its beginning. */
export function isTransactionStart(text: string): boolean {
  return text.length >= fewestDigits && text.length <= 32 && /^[0-9a-f]+$/i.test(text);
}
