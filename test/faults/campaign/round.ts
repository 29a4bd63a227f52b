// One round of the campaign: this many lives in one world, under one storm; then the judge.

import { execFile } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { adminActs, goAway } from "./admin-acts.ts";
import { ROOT } from "./copy.ts";
import { PLACES, requesterAt } from "./estate.ts";
import { type Evidence, gather } from "./evidence.ts";
import type { Kind, Side } from "./fault.ts";
import { judge, type Verdict } from "./judge.ts";
import { fits, LIVES, type LifeKind } from "./lives.ts";
import { type People, peopleOf } from "./people.ts";
import { type Random, randomFrom } from "./random.ts";
import { REPLICAS, type TopologyName } from "./redis-topologies.ts";
import { azureFaults, slackFaults } from "./service-faults.ts";
import { type Storm, type Struck, startStorm } from "./storm.ts";
import { type RoundWorld, startRoundWorld, type WorldOptions } from "./world.ts";

export type RoundOptions = {
  readonly seed: number;
  readonly lives: number;
  readonly topology: TopologyName;
  readonly perSecond: number;
  /** No more than this many lives are under way: on a busy machine they begin more slowly. */
  readonly atOnce?: number;
  readonly replicas?: number;
  /** Of the repository, or of a copy of it with something wrong in it. */
  readonly root?: string;
  /** From where faults come; none: it is calm. */
  readonly sides?: readonly Side[];
  /** Only faults whose name has this in it. */
  readonly only?: RegExp;
  /** Only lives of these names. */
  readonly kinds?: readonly string[];
  readonly gapMs?: readonly [number, number];
  /** The storm is over after this long at the latest. */
  readonly stormMs?: number;
  readonly azureBehindMs?: number;
  /** Of Redis; left out: all that a primary has, with which nothing acknowledged is lost. */
  readonly waitReplicas?: number;
  /** The replicas die by themselves, and are started again. */
  readonly dying?: boolean;
  /** Of Node.js, for the replicas. */
  readonly flags?: readonly string[];
  /** After this long nobody waits any more: what is not over by then is judged as it is. */
  readonly limitMs?: number;
  /** Nothing goes wrong, it only takes longer: then nothing is said twice either. */
  readonly isCalm?: boolean;
  /** Lives are begun until this says that it is enough. */
  readonly isEnough?: () => boolean;
  /** Happens before the first of them asks. */
  readonly before?: (world: RoundWorld) => Promise<void>;
  /** Happens beside the lives, instead of a storm or besides one. */
  readonly meanwhile?: (world: RoundWorld) => Promise<void>;
  readonly say?: (line: string) => void;
};

export type Round = {
  readonly options: RoundOptions;
  readonly verdicts: readonly Verdict[];
  /** What the processes did that they ought not to; what the audit's verification said. */
  readonly wrong: readonly string[];
  readonly struck: readonly Struck[];
  /** How many lives were under way while a fault of the kind struck. */
  readonly livesUnder: Readonly<Partial<Record<Kind, number>>>;
  readonly answered: number;
  readonly tookMs: number;
  readonly evidence: Evidence;
  readonly output: string;
};

/** Beyond what the largest round takes. */
const LIMIT_MS = 30 * 60_000;
const REPORT_EVERY_MS = 5_000;
/** Those who came last are to have their share of it. */
const STORM_LASTS_ON_MS = 20_000;
export const SIDES: readonly Side[] = ["bot", "redis", "slack", "azure", "admin"];

export async function runRound(options: RoundOptions): Promise<Round> {
  const startedMs = Date.now();
  const random = randomFrom(options.seed);
  const world = await startRoundWorld(worldOf(options, random));
  try {
    await world.replicas.ready();
    await options.before?.(world);
    const people = peopleOf(world, random.fork("people"));
    await goAway(people);
    const course: Course = {
      isAllStarted: false,
      allStartedMs: Number.POSITIVE_INFINITY,
      unfinished: 0,
    };
    const leaving = setTimeout(people.leave, options.limitMs ?? LIMIT_MS);
    const storm = stormOver(options, { world, people, random: random.fork("storm"), course });
    const skipping = new AbortController();
    const skipped = skip(world, { people, storm, course, signal: skipping.signal });
    const reports = setInterval(() => {
      const took = Math.round((Date.now() - startedMs) / 1_000);
      options.say?.(`${took} s: ${stateOf({ world, people, storm, course })}`);
    }, REPORT_EVERY_MS);
    const [lived] = await Promise.all([
      live(options, { world, people, random: random.fork("lives"), course }),
      options.meanwhile?.(world),
    ]);
    clearInterval(reports);
    clearTimeout(leaving);
    await storm.end();
    skipping.abort();
    await skipped;
    const { told } = people;
    const wrong = [
      ...(told.length < lived.length / 2 ? [`only ${told.length} asks were answered`] : []),
      ...world.replicas.wrong,
      ...(await settle(world)),
      ...(await verified(world, options)),
    ];
    const evidence = gather(world, people, storm.struck);
    return {
      options,
      verdicts: judge(evidence, { calm: isCalm(options) }),
      wrong,
      struck: storm.struck,
      livesUnder: livesUnder(storm.struck, lived),
      answered: told.length,
      tookMs: Date.now() - startedMs,
      evidence,
      output: world.replicas.output(),
    };
  } finally {
    await world.close();
  }
}

const worldOf = (options: RoundOptions, random: Random): WorldOptions => ({
  topology: options.topology,
  replicas: options.replicas ?? 3,
  root: options.root ?? ROOT,
  dying: options.dying ?? false,
  flags: options.flags ?? [],
  waitReplicas: options.waitReplicas ?? REPLICAS[options.topology],
  mayReadHistory: random.chance(0.5),
  azureBehindMs: options.azureBehindMs ?? random.pick([0, 0, 1_200]),
});

const sidesOf = ({ sides = SIDES }: RoundOptions) => sides;

const isCalm = (options: RoundOptions): boolean =>
  options.isCalm ??
  (sidesOf(options).length === 0 && options.meanwhile === undefined && !options.dying);

function stormOver(options: RoundOptions, { world, people, random, course }: Living): Storm {
  const isActive = () => !course.isAllStarted || course.unfinished > people.resting.size;
  const endsMs = Date.now() + (options.stormMs ?? Number.POSITIVE_INFINITY);
  return startStorm({
    faults: faultsOf(world, people).filter(
      ({ side, name }) => sidesOf(options).includes(side) && (options.only?.test(name) ?? true),
    ),
    random,
    gapMs: options.gapMs ?? [500, 6_000],
    mayStrike: () =>
      isActive() && Date.now() < Math.min(endsMs, course.allStartedMs + STORM_LASTS_ON_MS),
    nowMs: world.nowMs,
  });
}

type UnderWay = Omit<Living, "random"> & { readonly storm: Storm };

function stateOf({ world, people, storm, course }: UnderWay): string {
  const on = storm.struck.filter(({ toMs }) => !Number.isFinite(toMs)).map(({ name }) => name);
  return `${course.unfinished} lives, ${people.resting.size} at rest, quiet for ${world.quietMs()} ms; ${on.join(", ")}`;
}

const faultsOf = ({ slack, azure, redis, replicas }: RoundWorld, people: People) => [
  ...replicas.faults,
  ...redis.faults,
  ...slackFaults(slack.faults),
  ...azureFaults(azure.faults),
  ...adminActs(people),
];

type Lived = { readonly kind: string; readonly fromMs: number; toMs: number };
type Course = { isAllStarted: boolean; allStartedMs: number; unfinished: number };

type Living = { world: RoundWorld; people: People; random: Random; course: Course };

/** Begins the lives one after another, each at a VM of its own; resolves when all are over. */
async function live(
  { lives, perSecond, atOnce, kinds, isEnough }: RoundOptions,
  { world, people, random, course }: Living,
): Promise<readonly Lived[]> {
  const free = [...PLACES];
  const lived: Lived[] = [];
  const running: Promise<void>[] = [];
  const chosen = LIVES.filter(({ name }) => kinds?.includes(name) ?? true);
  for (let n = 0; n < lives && isEnough?.() !== true; n += 1) {
    const kind = random.weighted(chosen);
    while (course.unfinished >= (atOnce ?? PLACES.length)) await wait(BEGINS_AGAIN_MS);
    const place = await takePlace(free, kind);
    const life: Lived = { kind: kind.name, fromMs: world.nowMs(), toMs: Number.POSITIVE_INFINITY };
    lived.push(life);
    course.unfinished += 1;
    running.push(
      kind.live(people, { n, place, requester: requesterAt(n) }).finally(() => {
        life.toMs = world.nowMs();
        course.unfinished -= 1;
        free.push(place);
      }),
    );
    await wait(1_000 / perSecond);
  }
  course.isAllStarted = true;
  course.allStartedMs = Date.now();
  await Promise.all(running);
  return lived;
}

const BEGINS_AGAIN_MS = 100;

async function takePlace(free: (typeof PLACES)[number][], kind: LifeKind) {
  for (;;) {
    const at = free.findIndex(fits(kind));
    const [place] = at < 0 ? [] : free.splice(at, 1);
    if (place !== undefined) return place;
    await wait(100);
  }
}

type Skip = { people: People; storm: Storm; course: Course; signal: AbortSignal };

const QUIET_MS = 1_500;
/** The bot waits longer before it tries again: so much time passes at once. */
const STALLED_MS = 4_000;
const STEP_MS = 5_000;

/** Nobody waits for what nobody does anything about: the clock is moved to where something happens. */
async function skip(world: RoundWorld, { people, storm, course, signal }: Skip): Promise<void> {
  while (!signal.aborted) {
    await wait(200);
    const quietMs = world.quietMs();
    if (!course.isAllStarted || !storm.isCalm() || quietMs < QUIET_MS) continue;
    const { resting } = people;
    if (course.unfinished > 0 && resting.size >= course.unfinished) {
      const nextMs = Math.min(...[...resting].map(({ untilMs }) => untilMs));
      world.advance(Math.max(0, nextMs - world.nowMs()));
      await wait(QUIET_MS);
    } else if (quietMs > STALLED_MS) {
      world.advance(STEP_MS);
      await wait(QUIET_MS);
    }
  }
}

/** Nothing that is well takes so long, and a busy machine may take long for it. */
const SETTLES_WITHIN_MS = 180_000;
/** Beyond the longest pause between two tries of anything. */
const LATER_MS = 5 * 60_000;

/** All is over: nothing may be due any more, however much later it is. */
async function settle(world: RoundWorld): Promise<readonly string[]> {
  const untilMs = Date.now() + SETTLES_WITHIN_MS;
  let silent = 0;
  while (silent < 2 && Date.now() < untilMs) {
    while (world.quietMs() < QUIET_MS && Date.now() < untilMs) await wait(100);
    world.advance(LATER_MS);
    await wait(2 * QUIET_MS);
    silent = world.quietMs() >= QUIET_MS ? silent + 1 : 0;
  }
  if (silent === 2) return [];
  const calls = world.lastCalls().map((call) => `  ${call}`);
  return [["something is still being done, minutes after all was over:", ...calls].join("\n")];
}

/** `jit audit verify`, as an auditor runs it. */
function verified(world: RoundWorld, { root = ROOT }: RoundOptions): Promise<readonly string[]> {
  const args = [join(root, "src/main.ts"), "audit", "verify", "--team", world.slack.world.team.id];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { env: { ...world.env } }, (fault, out, err) => {
      resolve(fault === null ? [] : [`audit verify: ${out.trim()} ${err.trim()}`]);
    });
  });
}

function livesUnder(struck: readonly Struck[], lived: readonly Lived[]): Round["livesUnder"] {
  const counts: Partial<Record<Kind, number>> = {};
  for (const kind of new Set(struck.map((one) => one.kind))) {
    const times = struck.filter((one) => one.kind === kind);
    counts[kind] = lived.filter((life) =>
      times.some(({ fromMs, toMs }) => fromMs <= life.toMs && toMs >= life.fromMs),
    ).length;
  }
  return counts;
}
