// Tells the audit and the admins what became of the policy file, once over all replicas; and raises the
// alarm where the replicas hold different ones.

import type { AuditNote } from "../../domain/request/moved.ts";
import type { Chat } from "../../ports/chat.ts";
import type { Clock } from "../../ports/clock.ts";
import type { OnCommitted } from "../../ports/commit-heard.ts";
import { isFault } from "../../ports/fault.ts";
import type { Log } from "../../ports/log.ts";
import { repeating, type Service } from "../../ports/service.ts";
import type { Announcements, Topic } from "../../ports/storage/announcements.ts";
import type { Notice } from "../../ports/storage/notices.ts";
import type { PolicyReport, PolicyReports } from "../../ports/storage/policies/policy-reports.ts";
import type { StoreClock } from "../../ports/storage/store-server.ts";
import { keepForNews } from "../audit/keep-for-news.ts";
import { announce } from "../channels/announce.ts";
import { sharedChannels } from "../channels/channel-news.ts";
import { toAdmins } from "../channels/to-admins.ts";
import type { InForce, RefusedFile } from "./policy-reload.ts";

/** A change is in the audit, and with the admins, within seconds. */
const LOOK_EVERY_MS = 1_000;
const REPORT_EVERY_MS = 10_000;
/** A new file reaches one replica after the other; what takes longer than this is no accident. */
const DIFFER_MAX_MS = 60_000;

type Needs = {
  readonly announcements: Announcements;
  readonly policyReports: PolicyReports;
  readonly storeClock: StoreClock;
  readonly onCommitted: OnCommitted;
  readonly clock: Clock;
  readonly log: Log;
  /** Left out: nobody looks which channels are shared. */
  readonly chat?: Pick<Chat, "reach"> | undefined;
  /** Of the bot; the doctor lists it with the replica. */
  readonly version?: string;
};

export type PolicyNews = Service & {
  /** Tells what isn't told yet. Rejects with a `Fault` where the store doesn't answer. */
  tell(): Promise<void>;
  /** Says which file this replica holds, and compares it with the others'. Rejects like `tell`. */
  report(): Promise<void>;
};

/** What to say follows from the present state, not from events: so an outage is made up for. */
export function policyNews(deps: Needs, inForce: InForce, replica: string): PolicyNews {
  const { policyReports, storeClock, clock, log } = deps;
  const told: Partial<Record<Topic, string>> = {};
  const tellKeepFor = keepForNews(deps, inForce.policy);

  const say: Say = async (topic, value, { note, says, bad }) => {
    const notice: Omit<Notice, "atMs"> = { what: bad ? "alarm" : "mended", text: says };
    const atMs = says === undefined ? 0 : await storeClock.nowMs();
    const notices = says === undefined ? [] : toAdmins(inForce.policy(), { ...notice, atMs });
    const outcome = await announce(deps, topic, { value, note, notices });
    if (outcome === "announced") log.info({ topic, ...note.detail }, note.what);
    told[topic] = value;
  };

  const tell = async () => {
    const { hash } = inForce.policy();
    if (told.loaded !== hash) await say("loaded", hash, loaded(hash, told.loaded));
    await tellKeepFor();
    const refusedFile = inForce.refusedFile();
    const value = refusedFile === undefined ? "" : nameOf(refusedFile);
    if (told.trouble !== value) {
      await say(
        "trouble",
        value,
        refusedFile === undefined ? mended(hash) : refused(refusedFile, hash),
      );
    }
  };

  const lookAtChannels = channelLook(deps, inForce, say);

  const report = async () => {
    const report = await policyReports.report(replica, {
      hash: inForce.policy().hash,
      version: deps.version ?? "unknown",
    });
    const { nowMs, differSinceMs, announced } = report;
    if (differSinceMs === undefined) {
      if (announced !== "") await say("difference", "", agreed(inForce.policy().hash));
    } else if (nowMs - differSinceMs > DIFFER_MAX_MS) {
      const value = hashesOf(report).join();
      if (announced !== value) await say("difference", value, differing(report));
    }
    await lookAtChannels();
  };

  let reportedAtMs = Number.NEGATIVE_INFINITY;
  const look = async (): Promise<number> => {
    await tell();
    const nowMs = clock.monotonicMs();
    if (nowMs - reportedAtMs >= REPORT_EVERY_MS) {
      await report();
      reportedAtMs = nowMs;
    }
    return LOOK_EVERY_MS;
  };
  const failed = (thrown: unknown): number => {
    if (!isFault(thrown)) log.error({ err: thrown }, "news of the policy file failed");
    else log.debug({ code: thrown.code }, "news of the policy file has to wait");
    return LOOK_EVERY_MS;
  };

  return { ...repeating(look, { clock, failed }), tell, report };
}

/** Looks for shared channels once for each file, and again where Slack didn't tell. */
function channelLook({ chat, log }: Needs, inForce: InForce, say: Say): () => Promise<void> {
  let lookedAt: string | undefined;
  return async () => {
    const policy = inForce.policy();
    if (chat === undefined || lookedAt === policy.hash) return;
    const shared = await sharedChannels(chat, policy);
    lookedAt = policy.hash;
    const value = shared.join();
    if (shared.length > 0) log.error({ channels: value }, "channels are shared: nothing is posted");
    await say(
      "channels",
      value,
      value === "" ? unshared(policy.hash) : shares(shared, policy.hash),
    );
  };
}

type Say = (topic: Topic, value: string, said: Said) => Promise<void>;

type Said = {
  readonly note: AuditNote;
  /** To the admins; `undefined`: the audit alone hears of it. */
  readonly says?: string;
  readonly bad?: boolean;
};

/** As much of a hash as a person compares. */
const short = (hash: string): string => hash.slice(0, 12);

const loaded = (hash: string, before: string | undefined): Said => ({
  note: { what: "policy-loaded", detail: { policy: hash, ...(before && { before }) } },
});

const nameOf = (refusedFile: RefusedFile): string =>
  "hash" in refusedFile ? refusedFile.hash : refusedFile.unreadable;

const FAULTS_SHOWN = 3;

function refused(refusedFile: RefusedFile, hash: string): Said {
  const stays = `The last valid one (${short(hash)}) stays in use.`;
  if ("unreadable" in refusedFile) {
    const { unreadable } = refusedFile;
    return {
      note: { what: "policy-refused", detail: { policy: hash, code: unreadable } },
      says: `The policy file can't be read (${unreadable}). ${stays}`,
      bad: true,
    };
  }
  const { faults } = refusedFile;
  const more = faults.length - FAULTS_SHOWN;
  const shown = [...faults.slice(0, FAULTS_SHOWN), ...(more > 0 ? [`and ${more} more.`] : [])];
  return {
    note: { what: "policy-refused", detail: { policy: hash, refused: refusedFile.hash, faults } },
    says: `The changed policy file has errors. ${stays} ${shown.join(" ")}`,
    bad: true,
  };
}

const mended = (hash: string): Said => ({
  note: { what: "policy-mended", detail: { policy: hash } },
  says: `The policy file can be read again and is in use (${short(hash)}).`,
});

const hashesOf = ({ replicas }: PolicyReport): readonly string[] =>
  [...new Set(replicas.map(({ hash }) => hash))].sort();

function differing(report: PolicyReport): Said {
  const hashes = hashesOf(report);
  const groups = hashes.map((hash) => {
    const holders = report.replicas
      .filter((one) => one.hash === hash)
      .map(({ replica }) => replica);
    return `${short(hash)} (${holders.sort().join(", ")})`;
  });
  return {
    note: { what: "policies-differ", detail: { policies: hashes } },
    says: `The bot's replicas have had different policy files for more than a minute: ${groups.join(", ")}. Decisions depend on which replica makes them: give all of them the same file.`,
    bad: true,
  };
}

const shares = (channels: readonly string[], hash: string): Said => ({
  note: { what: "channels-shared", detail: { policy: hash, channels } },
  says: `Another organisation can read ${channels.join(", ")}, which the policy file names: no card or notice is posted there, and people are told privately instead. Name other channels, or stop sharing them.`,
  bad: true,
});

const unshared = (hash: string): Said => ({
  note: { what: "channels-unshared", detail: { policy: hash } },
  says: "No channel in the policy file is shared with another organisation now.",
});

const agreed = (hash: string): Said => ({
  note: { what: "policies-agree", detail: { policy: hash } },
  says: `All of the bot's replicas have the same policy file again (${short(hash)}).`,
});
