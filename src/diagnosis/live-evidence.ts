import type { AnswerMaker } from "../health/answer-maker.ts";
import type { HealthMessageKey } from "../health/message.ts";
import type { JudgedChain } from "../health/probe-chain.ts";
import type { ProbeVerdictKind } from "../health/probe-verdict.ts";
import type { ClientRequest, ExchangePlan } from "../model/exchange-plan.ts";
import type { ProbeObservation } from "../model/probe-observation.ts";
import type { Source } from "../model/source.ts";
import type { Route, Server } from "../routing/routes.ts";
import type { Reckoning } from "./experiment.ts";
import type { Layer } from "./finding.ts";

/** One exchange that was really sent, judged by the gateway's rules for what it was sent for. */
export interface JudgedExchange {
  readonly server: Server;
  /** What it was judged as: with the time and the text that this plan gives, whatever others it also answers. */
  readonly plan: ExchangePlan;
  readonly observation: ProbeObservation;
  /** The line of the recording. */
  readonly source: Source;
  /**
   * `fine`: a healthy probe; a request that a client gets an answer to, below 500. `partial`: some addresses of the name
   * are fine and some fail; everything else here then tells of one that is fine.
   */
  readonly outcome: "fine" | "failing" | "partial" | "undecided";
  /** The same at each address, in the order of the answer, where its name has several; empty otherwise. */
  readonly byAddress: readonly JudgedExchange[];
  readonly kind: ProbeVerdictKind | "backend-error";
  /** One sentence. */
  readonly says: string;
  readonly chain: JudgedChain | undefined;
  /** The message backend health would show for it, where one is documented. */
  readonly message: HealthMessageKey | undefined;
  /** The status the server answered with. */
  readonly status: number | undefined;
  /** What a client gets; undefined for probes and when it cannot be told. */
  readonly clientStatus: number | undefined;
  /** The product whose own error page a server's answer to a request is. */
  readonly maker: AnswerMaker | undefined;
  readonly vantage: Vantage;
  /** The layers it got past before it ended, as far as that holds for the gateway too. */
  readonly passed: readonly Layer[];
}

/** `gateway`: sent from an address in the gateway's own subnet, so that groups and routes treat it alike. */
export type Vantage = "gateway" | "elsewhere";

/** A request of a client, replayed to a server as the gateway would send it on. */
export interface ReplayedRequest extends JudgedExchange {
  readonly route: Route;
  readonly client: ClientRequest;
  /** It is what stands for the route when nobody gives a request: clients need not ask for that. */
  readonly madeUp: boolean;
}

/** Something that was sent as planned and fails: what experiments start from. */
export type Failing = JudgedExchange | ReplayedRequest;

/** Live exchanges, joined to the servers whose plans they carried out. */
export interface Live {
  /** Whether anything was sent to a server of this gateway. */
  readonly tried: boolean;
  /** The planned probe of a server, as it really went; the newest where there are several. */
  probe(server: Server): JudgedExchange | undefined;
  readonly probes: readonly JudgedExchange[];
  readonly requests: readonly ReplayedRequest[];
  requestsOf(route: Route): readonly ReplayedRequest[];
  requestsTo(server: Server): readonly ReplayedRequest[];
  /** Probes and requests that fail. */
  readonly failing: readonly Failing[];
  /** The same with another plan, or judged by other rules; undefined = nobody has sent that. */
  outcome(failing: Failing, plan: ExchangePlan, reckoning?: Reckoning): JudgedExchange | undefined;
  /** Everything that was sent to a server's address or name, in order. */
  sentTo(server: Server): readonly LiveExchangeSeen[];
}

export interface LiveExchangeSeen {
  readonly source: Source;
  readonly observation: ProbeObservation;
}
