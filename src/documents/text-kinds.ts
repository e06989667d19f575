/** A kind of text that is not JSON, and what to export instead. */
interface TextKind {
  readonly kind: string;
  readonly is: RegExp;
  readonly reason: string;
}

const instead =
  "export the deployed resources as JSON instead, e.g. `az network application-gateway show --ids <gateway id> -o json`";

/** In the order of trying: the more telling first. */
const textKinds: readonly TextKind[] = [
  {
    kind: "HTTP recording",
    is: /^interactions:\s*$/m,
    reason: "a recording of HTTP traffic; save the body of the answer as a JSON file of its own",
  },
  {
    kind: "certificate or key",
    is: /^-----BEGIN [A-Z ]+-----/m,
    reason: "a certificate or key file; certificates are read from the exported gateway",
  },
  { kind: "XML or HTML", is: /^\s*<[?!A-Za-z]/, reason: `XML or HTML is not read; ${instead}` },
  {
    kind: "Kubernetes manifest",
    is: /^apiVersion:\s*\S+/m,
    reason: `a Kubernetes object does not say what the gateway was given; ${instead}`,
  },
  {
    kind: "Bicep",
    is: /^\s*(resource\s+\w+\s+'|module\s+\w+\s+'|targetScope\s*=|param\s+\w+\s+\w+|@description\()/m,
    reason: `Bicep says what shall be deployed, not what is; ${instead}`,
  },
  {
    kind: "Terraform",
    is: /^\s*((resource|data|module|variable|output|provider)\s+"[^"]+"|locals\s*\{|terraform\s*\{)/m,
    reason: `Terraform code says what shall be deployed, not what is; ${instead}`,
  },
  {
    kind: "Terraform variables",
    is: /^\s*[a-z_]\w*\s*=\s*([{[]|"|true|false|\d)/m,
    reason: `Terraform variables are settings for its code, not an export; ${instead}`,
  },
  {
    kind: "PowerShell list",
    is: /^[A-Z]\w+ {1,40}: /m,
    reason: "PowerShell printed the object for reading; pipe it to `ConvertTo-Json -Depth 20`",
  },
  {
    kind: "table",
    is: /^-{3,}(\s{2,}-{3,})+\s*$/m,
    reason: "a table printed by `az -o table`; export it with `-o json`",
  },
  {
    kind: "YAML",
    is: /^(---\s*|[\w.-]+:(\s+\S.*)?)$/m,
    reason: `YAML is read only where it is a gateway in the short notation, which has gateway: at the top and its listeners and pools below; ${instead}`,
  },
];

/** Why a text that is no JSON and no log is left aside. */
export function whyTextIsNotRead(head: string): { kind: string; reason: string } {
  const beginning = head.slice(0, 16_384);
  if (beginning.trim() === "") return { kind: "empty", reason: "the file is empty" };
  if (beginning.includes("\u0000")) return { kind: "binary data", reason: "binary data is not read" };
  return (
    textKinds.find(({ is }) => is.test(beginning)) ?? {
      kind: "text",
      reason:
        "plain text; exported resources and health reports are read as JSON, access logs as JSON or CSV",
    }
  );
}
