import { findFiles } from "../../documents/files.ts";
import { readDocuments } from "../../documents/read-documents.ts";
import { compactGateway } from "../../documents/short/compact.ts";
import { WrittenSource } from "../../documents/short/written-source.ts";
import { idKey, nameOfId, type ResourceRecord } from "../../model/resource.ts";
import { isObject } from "../../model/source.ts";
import { counted } from "../../report/content/wording.ts";
import { sayFailures, sayLeftAside } from "../case-warnings.ts";
import { exitCodes, UsageError } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../options.ts";
import { checkWritable, say, writeOut } from "../write-out.ts";

type Plain = Readonly<Record<string, unknown>>;
type Notation = "azure" | "short";

const gatewayType = "microsoft.network/applicationgateways";

/** `causeway convert PATH...` */
export async function convert(args: Arguments, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new UsageError("nothing to convert: give files, folders or -; see causeway convert --help");
  }
  if (args.flag("yaml") && args.flag("json"))
    throw new UsageError("--yaml and --json are two answers to one question; give one");
  await checkWritable([args.text("output")]);
  const { inputs, failures } = await findFiles(args.positionals, io.stdin);
  const set = await readDocuments(inputs);
  const all = [...failures, ...set.failures];
  await sayFailures(all, io);
  const gateways = gatewaysIn(set.records);
  if (gateways.length === 0) {
    if (all.length === 0) await sayLeftAside(set.documents, args.flag("verbose"), io);
    throw new UsageError("there is no application gateway in the input");
  }
  const to = (args.text("to") as Notation | undefined) ?? otherNotation(gateways);
  if (to === "azure" && args.flag("yaml"))
    throw new UsageError("Azure's own notation is written as JSON; leave --yaml out");
  const others = set.records.length - gateways.length;
  if (others > 0 && !args.flag("quiet")) {
    await say(io, `${counted(others, "other resource")} left out: only gateways have two notations`);
  }
  await writeOut(
    to === "azure" ? azureText(gateways) : await shortText(gateways, args.flag("json")),
    args,
    io,
  );
  if (!args.flag("quiet") && gateways.some(({ source }) => holdsKey(source.value))) {
    await say(io, "the output holds keys or passwords of certificates, as the input does");
  }
  return all.length > 0 ? exitCodes.usage.code : exitCodes.fine.code;
}

/** Every gateway once; throws where one stands in pieces, which neither notation holds. */
function gatewaysIn(records: readonly ResourceRecord[]): ResourceRecord[] {
  const part = records.find(({ type }) => type.startsWith(`${gatewayType}/`));
  if (part !== undefined) {
    throw new UsageError(
      `${part.source.document} holds a part of a gateway that was exported apart; give the gateway itself, from az network application-gateway show`,
    );
  }
  const found = new Map<string, ResourceRecord>();
  for (const record of records) {
    if (record.type !== gatewayType) continue;
    const known = found.get(idKey(record.id));
    if (known !== undefined) {
      throw new UsageError(
        `the gateway ${nameOfId(record.id)} stands in ${known.source.document} and, differently, in ${record.source.document}; give one of them`,
      );
    }
    found.set(idKey(record.id), record);
  }
  return [...found.values()];
}

function otherNotation(gateways: readonly ResourceRecord[]): Notation {
  const short = gateways.filter(({ source }) => source instanceof WrittenSource).length;
  if (short === 0) return "short";
  if (short === gateways.length) return "azure";
  throw new UsageError("the input holds gateways in both notations; say which one to write with --to");
}

function azureText(gateways: readonly ResourceRecord[]): string {
  const values = gateways.map(({ id, source }) =>
    isObject(source.value) && source.text("id") === undefined ? { id, ...source.value } : source.value,
  );
  return `${JSON.stringify(values.length === 1 ? values[0] : values, null, 2)}\n`;
}

/** Several gateways: one document after another. */
async function shortText(gateways: readonly ResourceRecord[], json: boolean): Promise<string> {
  const shorts = gateways.map(shortOf);
  if (json) return shorts.map((short) => `${JSON.stringify({ gateway: short }, null, 2)}\n`).join("");
  const { shortYaml } = await import("../../documents/short/print.ts");
  return shorts.map(shortYaml).join("---\n");
}

function shortOf({ id, source }: ResourceRecord): Plain {
  const short = isObject(source.value) ? compactGateway(source.value, id) : undefined;
  if (short !== undefined) return short;
  throw new UsageError(
    `${source.document}: the gateway ${nameOfId(id)} cannot be written without loss: a list of its parts is no list, or holds something that is no part`,
  );
}

function holdsKey(value: unknown): boolean {
  if (!isObject(value)) return false;
  const holder = isObject(value.properties) ? value.properties : value;
  const certificates = holder.sslCertificates;
  return (
    Array.isArray(certificates) &&
    certificates.some((one: unknown) => {
      if (!isObject(one)) return false;
      const fields = isObject(one.properties) ? one.properties : one;
      return typeof fields.data === "string" || typeof fields.password === "string";
    })
  );
}
