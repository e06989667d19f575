import { expect, test } from "vitest";
import { allRows, sceneOf } from "../../bench/gateway/experiments/rows.ts";
import { gatewayDocument } from "../../bench/gateway/subjects/causeway-document.ts";
import { folderWith, runCli } from "../cli/run-cli.ts";
import { makeCertificate } from "../support/certificates.ts";

const rootPem = makeCertificate({ commonName: "Contoso Root", ca: true }).pem;
const frontPfx = { data: "AAAA", password: "x" };

test.each(allRows)("the gateway of the row $name is a healthy one with all its routes", async (row) => {
  const addresses = Array.from({ length: row.servers }, (_, index) => `127.9.0.${index + 1}`);
  const scene = sceneOf(row, { addresses, port: 1081, tlsPort: 1444, end: async () => {} });
  const files = { frontPfx: scene.frontTls ? frontPfx : undefined, rootPem };
  using folder = folderWith({ "gateway.json": gatewayDocument(scene, files) });
  const { code, stdout, stderr } = await runCli(["diagnose", folder.path, "--format", "json"]);
  expect(stderr).toBe("");
  const report: { findings: readonly { role: string; cause: string }[]; routes: readonly unknown[] } =
    JSON.parse(stdout);
  expect(report.findings.filter(({ role }) => role === "root")).toEqual([]);
  // A host whose paths all lead somewhere has a default beside them.
  expect(report.routes.length).toBeGreaterThanOrEqual(scene.routes.length);
  expect(code).toBe(0);
});
