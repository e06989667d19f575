import type { RequestListener } from "node:http";
import { createServer as createTls } from "node:https";
import { answering } from "../../test/live/support/http-backend.ts";
import { ownAddress } from "../../test/live/support/own-address.ts";
import { httpAt, type Listening, listenAt } from "../../test/live/support/servers.ts";
import { stuckAt } from "../../test/live/support/stuck.ts";
import { sending } from "../../test/live/support/tls-chains.ts";
import { makeCertificate, type TestCertificate } from "../../test/support/certificates.ts";
import { type AzureNetwork, networkIn } from "./azure.ts";

/** Programs on this machine that behave as the servers of the example do, and the network in front of them. */
export interface StandIns extends AsyncDisposable {
  /** `--backend` of each pool. */
  readonly backends: readonly string[];
  /** PEM of the root that stands for the public authorities. */
  readonly publicRoot: string;
  /** DER of the root that stands for Contoso's own. */
  readonly contosoRoot: Buffer;
  /** Follows the documents of a folder from now on: a packet that they forbid gets no answer. */
  follow(folder: string): void;
}

/** How often the documents are looked at. */
const lookMs = 200;

/** `reportMs`: how long the server of the reports needs for one. */
export async function standIns(reportMs: number): Promise<StandIns> {
  await using stack = new AsyncDisposableStack();
  const use = async (listening: Promise<Listening>): Promise<Listening> => stack.use(await listening);
  const publicRoot = authority("Public Root of the demonstration");
  const contosoRoot = authority("Contoso Internal Root CA");
  const account = "contoso-account.azurewebsites.net";
  const images = "contososhopimages.blob.core.windows.net";
  const api = "api.internal.contoso.example";
  const web = await use(httpAt(ownAddress(), ok));
  // No answer at all, as from a packet that is dropped, or from a machine that does not run.
  const cart = stack.use(await stuckAt(ownAddress()));
  const search = stack.use(await stuckAt(ownAddress()));
  const reports = answering(({ path }) => ({ status: 200, afterMs: path === "/health" ? 0 : reportMs }));
  const servers: Readonly<Record<string, { readonly address: string; readonly port: number }>> = {
    web,
    cart,
    search,
    admin: web,
    orders: web,
    catalog: await use(
      httpAt(
        ownAddress(),
        answering(({ path }) => (path === "/health" ? 204 : 200)),
      ),
    ),
    reports: await use(httpAt(ownAddress(), reports)),
    account: await use(
      secureAt(
        account,
        publicRoot,
        answering(({ host }) => (host === account ? 200 : 404)),
      ),
    ),
    images: await use(secureAt(images, publicRoot, ok)),
    api: await use(secureAt(api, contosoRoot, ok)),
  };
  const following = new Following({ cart: cart.release, search: search.release });
  stack.use(following);
  const all = stack.move();
  return {
    backends: Object.entries(servers).map(
      ([pool, { address, port }]) => `pool/pool-${pool}=${address}:${port}`,
    ),
    publicRoot: publicRoot.pem,
    contosoRoot: contosoRoot.der,
    follow: (folder) => following.follow(folder),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

const ok: RequestListener = answering(() => 200);

/** What is silent until it is let speak. */
type Ways = Readonly<Record<"cart" | "search", () => Promise<void>>>;

/** Opens the ways that the documents of a folder do not close any more. */
class Following implements Disposable {
  readonly #open: Ways;
  readonly #opened = new Set<"cart" | "search">();
  #timer: NodeJS.Timeout | undefined;

  constructor(open: Ways) {
    this.#open = open;
  }

  follow(folder: string): void {
    this.#timer = setInterval(() => this.#look(folder), lookMs);
  }

  #look(folder: string): void {
    const network = read(folder);
    if (network === undefined) return;
    if (network.cartIsOpen) this.#let("cart");
    if (network.searchRuns) this.#let("search");
  }

  #let(way: "cart" | "search"): void {
    if (this.#opened.has(way)) return;
    this.#opened.add(way);
    void this.#open[way]();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Undefined while a file is being written. */
function read(folder: string): AzureNetwork | undefined {
  try {
    return networkIn(folder);
  } catch {
    return undefined;
  }
}

const dayMs = 86_400_000;
const period = () => ({ notBeforeMs: Date.now() - dayMs, notAfterMs: Date.now() + 30 * dayMs });

function authority(commonName: string): TestCertificate {
  return makeCertificate({ ...period(), commonName, ca: true });
}

function secureAt(name: string, issuer: TestCertificate, answer: RequestListener): Promise<Listening> {
  const own = makeCertificate({ ...period(), commonName: name, names: [name], issuer });
  return listenAt(createTls(sending(own, issuer), answer), ownAddress());
}
