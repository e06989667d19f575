/** A header as received. */
export interface ReceivedField {
  readonly name: string;
  readonly value: string;
}

const withheld = "(withheld)";

/** Names whose values give access to something, whoever reads them. */
const secretName =
  /authorization|authentication-info|cookie|token|secret|passw|credential|session|signature|api-?key|(?:subscription|functions|access|shared|account)-key|client-principal/;

/** Names whose values are addresses, which carry codes and signatures in their query or fragment. */
const addressName = /^(?:location|content-location|refresh|link|sourcemap)$/;

/**
 * Fields as they may be kept: order, names and lengths of lists stay; secret values do not. Of a cookie its name and
 * attributes stay, since who set it is seen by them; of an address what stands before query and fragment.
 */
export function withoutSecrets(fields: readonly ReceivedField[]): ReceivedField[] {
  return fields.map(({ name, value }) => ({ name, value: keptValue(name.toLowerCase(), value) }));
}

function keptValue(name: string, value: string): string {
  if (name === "set-cookie") {
    const cookie = /^([^=;]*)=[^;]*/.exec(value);
    return cookie === null ? withheld : `${cookie[1]}=${withheld}${value.slice(cookie[0].length)}`;
  }
  if (secretName.test(name)) return withheld;
  if (!addressName.test(name)) return value;
  return value.replace(/\/\/[^/@\s]*@/g, `//${withheld}@`).replace(/([?#])[^\s,;>"']+/g, `$1${withheld}`);
}
