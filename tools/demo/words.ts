import { agrees, type Compared } from "./compare.ts";
import { faults, shop } from "./faults.ts";
import type { DemoWorld } from "./world.ts";

/** What can be done at this moment, to be copied into another terminal. */
export function toTry({ gateway, folder }: DemoWorld): string {
  const { httpsPort, adminPort, pid } = gateway;
  const address = `https://${shop}:${httpsPort}`;
  const admin = `http://127.0.0.1:${adminPort}`;
  const tries = faults.map(
    ({ path, status }) =>
      `  shop ${path.padEnd(18)} # ${status}${status === 504 ? ", after the time-out" : ""}`,
  );
  return `agw-contoso-shop is served at ${address} by process ${pid}.
In another terminal, once:

  shop() { curl -sk -o /dev/null -w '%{http_code}  %header{x-appgw-trace-id}\\n' \\
    --resolve ${shop}:${httpsPort}:127.0.0.1 "${address}$1"; }
  explain() { curl -s "${admin}/explain/$1"; }

What works, and the six faults:

  shop /                  # 200
${tries.join("\n")}

Each answer has an id. Why it failed, with evidence and fix; as JSON without /text:

  explain ID/text

The same of the documents, with nothing sent:

  npx causeway diagnose ${folder.broken}

Every server, and what its last probe said:

  curl -s ${admin}/health

Make the fixes as somebody would in Azure, and let the gateway read them:

  cp ${folder.fixed}/* \\
    ${folder.broken}/
  kill -HUP ${pid}

Servers come back with their next probe. Ctrl-C here ends everything.`;
}

/** Eighty columns. */
export function tableOf(all: readonly Compared[]): string {
  const head = row(["route", "status", "diagnose", "/explain", "fix", "fixed"]);
  const rows = all.map((one) => {
    const { fault, status, diagnosed, explained, fixedStatus } = one;
    const sameFix = explained.fix.length > 0 && explained.fix.join("\n") === diagnosed.fix.join("\n");
    return `${agrees(one) ? "✓" : "✗"} ${row([
      fault.route,
      String(status),
      diagnosed.cause ?? "–",
      explained.cause ?? "–",
      sameFix ? "same" : "other",
      String(fixedStatus ?? "–"),
    ])}`;
  });
  const good = all.filter(agrees).length;
  const sum = `${good} of ${all.length} faults: the running gateway names the cause and the fix that the
diagnosis of the documents names, and with the fix the route works.`;
  return [`  ${head}`, ...rows, "", sum].join("\n");
}

const widths = [9, 8, 23, 23, 7, 5];

function row(cells: readonly string[]): string {
  return cells
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join("")
    .trimEnd();
}
