import { describe, expect, test } from "vitest";
import type { Answered } from "../../lab/ask/verdicts.ts";
import { isWorse, type Outcome, scoreOf } from "../../lab/score/score.ts";
import type { CauseId } from "../../src/diagnosis/cause-ids.ts";

interface Saying {
  readonly roots?: Readonly<Record<string, readonly string[]>>;
  readonly otherRoots?: readonly string[];
  readonly risks?: readonly string[];
  readonly ofRoute?: string;
  readonly undecided?: Readonly<Record<string, readonly string[]>>;
}

const answered = ({
  roots = {},
  otherRoots = [],
  risks = [],
  undecided = {},
  ofRoute,
}: Saying): Answered => ({
  roots: new Map(Object.entries(roots)),
  otherRoots,
  risks,
  needs: new Map(Object.entries(undecided)),
  statusOf: (cause: CauseId) => (Object.hasOwn(undecided, cause) ? "undecided" : "ruled-out"),
  experiments: 0,
  ...(ofRoute === undefined ? {} : { ofRoute }),
});

const groups = { cause: "nsg-backend-subnet-in" } as const;
const refused = { cause: "tcp-refused" } as const;
const app = (...roots: string[]): Saying => ({ roots: { "web/app": roots } });

interface Case {
  readonly name: string;
  readonly expects: Parameters<typeof scoreOf>[0]["expects"];
  readonly withhold?: Parameters<typeof scoreOf>[0]["withhold"];
  readonly says: Saying;
  readonly outcome: Outcome;
}

const withhold = { kinds: ["networkSecurityGroups"], asks: /network nsg/ };

const cases: readonly Case[] = [
  { name: "the right root alone", expects: [groups], says: app("nsg-backend-subnet-in"), outcome: "first" },
  {
    name: "the right root behind another",
    expects: [groups],
    says: app("tcp-refused", "nsg-backend-subnet-in"),
    outcome: "present",
  },
  { name: "another root", expects: [groups], says: app("tcp-refused"), outcome: "wrong" },
  {
    name: "the right root of another route",
    expects: [groups],
    says: { roots: { "web/app": ["tcp-refused"], "web/other": ["nsg-backend-subnet-in"] } },
    outcome: "wrong",
  },
  {
    name: "one of two faults, asked about a request of its route",
    expects: [groups, { ...refused, route: "web/other" }],
    says: { roots: { "web/other": ["tcp-refused"] }, ofRoute: "web/other" },
    outcome: "first",
  },
  {
    name: "the fault of another route than that of the request asked about",
    expects: [groups, { ...refused, route: "web/other" }],
    says: {
      roots: { "web/app": ["nsg-backend-subnet-in"], "web/other": ["nsg-backend-subnet-in"] },
      ofRoute: "web/other",
    },
    outcome: "wrong",
  },
  {
    name: "a risk that is told of",
    expects: [{ cause: "probe-shallow", asRisk: true }],
    says: { risks: ["probe-shallow"] },
    outcome: "first",
  },
  {
    name: "a risk, and a root where nothing fails",
    expects: [{ cause: "probe-shallow", asRisk: true }],
    says: { risks: ["probe-shallow"], ...app("tcp-refused") },
    outcome: "wrong",
  },
  {
    name: "a risk that is called a root",
    expects: [{ cause: "probe-shallow", asRisk: true }],
    says: app("probe-shallow"),
    outcome: "present",
  },
  {
    name: "a risk that nobody sees beside a fault",
    expects: [refused, { cause: "probe-shallow", asRisk: true }],
    says: app("tcp-refused"),
    outcome: "present",
  },
  {
    name: "a risk that nobody sees",
    expects: [{ cause: "probe-shallow", asRisk: true }],
    says: {},
    outcome: "silent",
  },
  {
    name: "a risk beside a fault",
    expects: [refused, { cause: "probe-shallow", asRisk: true }],
    says: { risks: ["probe-shallow"], ...app("tcp-refused") },
    outcome: "first",
  },
  {
    name: "an id that is as right",
    expects: [{ ...refused, equals: [{ cause: "tcp-loopback-bind", why: "alike" }] }],
    says: app("tcp-loopback-bind"),
    outcome: "first",
  },
  { name: "one of two faults", expects: [groups, refused], says: app("tcp-refused"), outcome: "present" },
  {
    name: "both of two faults",
    expects: [groups, refused],
    says: app("tcp-refused", "nsg-backend-subnet-in"),
    outcome: "first",
  },
  {
    name: "two routes, of which one is named wrongly",
    expects: [groups, { ...refused, route: "web/other" }],
    says: { roots: { "web/app": ["nsg-backend-subnet-in"], "web/other": ["backend-down"] } },
    outcome: "wrong",
  },
  { name: "nothing, and the cause ruled out", expects: [groups], says: {}, outcome: "silent" },
  {
    name: "nothing, and the cause undecided",
    expects: [groups],
    says: { undecided: { "nsg-backend-subnet-in": [] } },
    outcome: "undecided",
  },
  {
    name: "undecided, with the withheld document named",
    expects: [groups],
    withhold,
    says: { undecided: { "nsg-backend-subnet-in": ["the groups: az network nsg list"] } },
    outcome: "named",
  },
  {
    name: "undecided, with another document named",
    expects: [groups],
    withhold,
    says: { undecided: { "nsg-backend-subnet-in": ["the routes: az network route-table list"] } },
    outcome: "undecided",
  },
  { name: "a healthy world, nothing found", expects: [], says: {}, outcome: "quiet" },
  {
    name: "a healthy world, a root of a route",
    expects: [],
    says: app("tcp-refused"),
    outcome: "false-alarm",
  },
  {
    name: "a healthy world, a root of no route",
    expects: [],
    says: { otherRoots: ["gateway-failed"] },
    outcome: "false-alarm",
  },
];

describe("the score of an answer", () => {
  test.each(cases)("$name: $outcome", ({ expects, withhold: asked, says, outcome }) => {
    const score = scoreOf(
      { expects, ...(asked === undefined ? {} : { withhold: asked }) },
      answered(says),
      "live",
    );
    expect(score.outcome).toBe(outcome);
  });

  test("a question that could not be put has none", () => {
    expect(scoreOf({ expects: [groups] }, undefined, "live").outcome).toBe("none");
  });
});

describe("a regression", () => {
  test.each([
    ["first", "present", true],
    ["present", "wrong", true],
    ["undecided", "wrong", true],
    ["quiet", "false-alarm", true],
    ["undecided", "first", false],
    ["first", "first", false],
    ["wrong", "silent", false],
  ] as const)("%s, then %s: %s", (before, now, worse) => {
    expect(isWorse(before, now)).toBe(worse);
  });

  test("an equal until live is right only before anything may be tried", () => {
    const equals = [{ cause: "tcp-refused", why: "nobody has tried another port", until: "live" }] as const;
    const expects = [{ cause: "port-wrong", equals }] as const;
    const outcomes = (["evidence", "explain", "live"] as const).map(
      (question) => scoreOf({ expects }, answered(app("tcp-refused")), question).outcome,
    );
    expect(outcomes).toEqual(["first", "first", "wrong"]);
  });
});
