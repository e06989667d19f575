import fc from "fast-check";
import { expect, test } from "vitest";
import { withoutSecrets } from "../../src/probe/secrets.ts";

const kept = (name: string, value: string): string | undefined => withoutSecrets([{ name, value }])[0]?.value;

test.each([
  ["Set-Cookie", "ARRAffinity=5f2b; Path=/; HttpOnly", "ARRAffinity=(withheld); Path=/; HttpOnly"],
  ["set-cookie", "5f2b", "(withheld)"],
  ["Authorization", "Basic YTpi", "(withheld)"],
  ["X-Auth-Token", "abc", "(withheld)"],
  ["Ocp-Apim-Subscription-Key", "abc", "(withheld)"],
  ["X-MS-CLIENT-PRINCIPAL", "abc", "(withheld)"],
  ["Location", "https://login.contoso.com/?code=1#t=2", "https://login.contoso.com/?(withheld)"],
  ["Location", "https://user:pass@contoso.com/a", "https://(withheld)@contoso.com/a"],
  ["Location", "/signin", "/signin"],
  ["Link", '</a?sig=1>; rel="next"', '</a?(withheld)>; rel="next"'],
  ["WWW-Authenticate", "Negotiate", "Negotiate"],
  ["Server", "nginx?x=1", "nginx?x=1"],
  ["Keep-Alive", "timeout=5", "timeout=5"],
])("%s: %s is kept as %s", (name, value, expected) => {
  expect(kept(name, value)).toBe(expected);
});

test("no cookie's value is ever kept, nor the order or names changed", () => {
  const token = fc.stringMatching(/^[a-z]{1,8}$/);
  const secret = fc.stringMatching(/^[A-Z0-9+/=]{8,20}$/);
  fc.assert(
    fc.property(fc.array(fc.tuple(token, secret)), (cookies) => {
      const fields = cookies.map(([name, value]) => ({
        name: "Set-Cookie",
        value: `${name}=${value}; Secure`,
      }));
      const clean = withoutSecrets(fields);
      expect(clean).toHaveLength(fields.length);
      for (const [at, [, value]] of cookies.entries()) expect(clean[at]?.value).not.toContain(value);
    }),
  );
});
