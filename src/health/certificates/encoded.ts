/** Longest text looked at; Azure's own limit is 25 KB (gateway-resource.md §6). */
const limitChars = 65_536;

/** The certificates in a field of a gateway: base64 of DER or of PEM, or PEM itself, one or several. */
export function encodedCertificates(data: string): (string | Buffer)[] {
  if (data.length > limitChars) return [];
  const text = data.includes("-----BEGIN") ? data : Buffer.from(data, "base64").toString("latin1");
  const blocks = text
    .split(/(?=-----BEGIN CERTIFICATE-----)/)
    .filter((block) => block.includes("-----BEGIN"));
  return blocks.length > 0 ? blocks : [Buffer.from(data, "base64")];
}
