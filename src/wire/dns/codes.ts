/** Resource record types that are asked for or read (RFC 1035 §3.2.2, RFC 3596 §2.1, RFC 6891 §6.1.1). */
export const recordTypes = { A: 1, CNAME: 5, AAAA: 28, OPT: 41 } as const;

/** Class IN (RFC 1035 §3.2.4). */
export const classInternet = 1;

/** The types an address can be asked with. */
export type AddressType = "A" | "AAAA";

/** IANA "DNS RCODEs": RFC 1035 §4.1.1, RFC 2136 §2.2, RFC 6672 §3.3, RFC 6895 §2.3, RFC 8490 §5.2. */
const names: ReadonlyMap<number, string> = new Map([
  [0, "NOERROR"],
  [1, "FORMERR"],
  [2, "SERVFAIL"],
  [3, "NXDOMAIN"],
  [4, "NOTIMP"],
  [5, "REFUSED"],
  [6, "YXDOMAIN"],
  [7, "YXRRSET"],
  [8, "NXRRSET"],
  [9, "NOTAUTH"],
  [10, "NOTZONE"],
  [11, "DSOTYPENI"],
  [16, "BADVERS"],
  [17, "BADKEY"],
  [18, "BADTIME"],
  [19, "BADMODE"],
  [20, "BADNAME"],
  [21, "BADALG"],
  [22, "BADTRUNC"],
  [23, "BADCOOKIE"],
]);

/** The registered name of a response code, `RCODE<n>` where none is (the form of RFC 6895's tools). */
export function rcodeName(code: number): string {
  return names.get(code) ?? `RCODE${code}`;
}
