// `npm run demo -- --transcript`: plays a few requests, and prints what went over the wire meanwhile.

import { setTimeout as wait } from "node:timers/promises";
import { botReady, type Demo, type DemoOptions, startDemo } from "../assembly/demo-parts.ts";
import { azureView } from "../page/azure-view.ts";
import type { DoorShown, WireLine } from "../page/page-state.ts";
import { untilQuiet } from "../page/quiet.ts";
import { known, wireLines } from "../page/wire-lines.ts";
import type { Message } from "../slack/slack-workspace.ts";

type Say = (text: string) => void;

type Play = {
  demo: Demo;
  say: Say;
  /** Begins a scene with a heading. */
  scene(heading: string): void;
  /** Waits, and prints what was exchanged until all was quiet again. Throws what it waited for. */
  until<T>(what: string, look: () => T): Promise<NonNullable<T>>;
  /** Prints what a person sees in Slack. */
  seen(where: string, text: string): void;
};

const WAIT_MS = 15_000;
/** A machine that does much else takes long for it. */
const READY_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;
const MINUTE_MS = 60_000;

/** Answers the exit code: 0, or 1 where something that was waited for didn't come. */
export async function playTranscript(say: Say, options: DemoOptions = {}): Promise<number> {
  const startedMs = Date.now();
  const demo = await startDemo(options);
  const stop = (): void => {
    void demo.close().then(() => process.exit(1));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await botReady(demo, READY_WITHIN_MS);
    say("What follows went over the wire between the simulated Slack, the bot and Azure. UTC.");
    const play = createPlay(demo, say);
    await oneLife(play);
    await aDenial(play);
    await aWrongCommand(play);
    say(`\nPlayed in ${Math.round((Date.now() - startedMs) / 1_000)} s.`);
    return 0;
  } catch (error) {
    say(`\nFailed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
    await demo.close();
  }
}

async function oneLife({ demo, scene, until, seen, say }: Play): Promise<void> {
  const { slack } = demo;
  scene("Erin requests access");
  const asks = "request vm-01 3389 2h for restarting the print spooler";
  await slack.command({ user: "U0ERIN", channel: "C0GENERAL", text: asks });
  const card = await until("the card in #prod-access", () => slack.messages("C0PROD").at(-1));
  seen("#prod-access", slack.plainText(card));
  const click = (user: string) =>
    slack.click({ user, channel: "C0PROD", ts: card.ts, actionId: "jit.approve" });

  scene("Erin clicks Approve herself");
  await click("U0ERIN");
  const refusal = await until("the refusal, for Erin alone", () =>
    slack.ephemerals("U0ERIN", "C0PROD").at(-1),
  );
  seen("only Erin", slack.plainText(refusal));

  scene("Lea approves");
  await click("U0LEAD");
  const door = await until("the port to open in Azure", () => openDoor(demo));
  await until("the card to say Open", () => headOf(demo, card).includes("Open"));
  seen("#prod-access", headOf(demo, card));
  say(
    `    Azure: ${door.vm}:${door.port} open from ${door.sources.join(", ")} until ${utc(door.endMs).slice(0, 5)}`,
  );

  scene("An hour and fifty minutes later: the warning");
  demo.advance(110 * MINUTE_MS);
  // Others come late where the machine is busy.
  const warning = await until("the warning, to Erin", () =>
    slack
      .direct("U0ERIN")
      .map((one) => slack.plainText(one))
      .find((text) => / left: .* ends /.test(text)),
  );
  seen("@erin", warning);

  scene("Two hours after the approval: the end");
  demo.advance(10 * MINUTE_MS);
  await until("the port to close in Azure", () => !openDoor(demo));
  await until("the card to say Ended", () => headOf(demo, card).includes("Ended"));
  seen("#prod-access", headOf(demo, card));
}

async function aDenial({ demo, scene, until, seen }: Play): Promise<void> {
  const { slack } = demo;
  scene("Sam requests another VM, and Omar denies it");
  const before = slack.messages("C0PROD").length;
  const asks = "request web-02 22 1h for a look around";
  await slack.command({ user: "U0SAM", channel: "C0GENERAL", text: asks });
  const card = await until("the card in #prod-access", () => slack.messages("C0PROD")[before]);
  await slack.click({ user: "U0OMAR", channel: "C0PROD", ts: card.ts, actionId: "jit.deny" });
  const form = await until("the form that asks why", () => slack.modal("U0OMAR"));
  const [input] = Object.keys(form.values);
  if (input === undefined) throw new Error("the form that asks why has no input");
  const values = { [input]: "The logs are in the dashboard: no need to log in." };
  await slack.submitView({ user: "U0OMAR", viewId: form.id, values });
  await until("the card to say Denied", () => headOf(demo, card).includes("Denied"));
  seen("#prod-access", headOf(demo, card));
}

async function aWrongCommand({ demo, scene, until, seen }: Play): Promise<void> {
  const { slack } = demo;
  scene("Sam mistypes a port");
  const asks = "request web-02 99999 1h for a look around";
  const before = slack.ephemerals("U0SAM").length;
  await slack.command({ user: "U0SAM", channel: "C0GENERAL", text: asks });
  const answer = await until("the answer, for Sam alone", () => slack.ephemerals("U0SAM")[before]);
  seen("only Sam", slack.plainText(answer));
}

function openDoor({ azure, nowMs }: Demo): DoorShown | undefined {
  const { doors } = azureView({ ...azure, nowMs });
  return doors.find(({ vm, status }) => vm === "vm-01" && status === "open");
}

/** The first lines of the card as it stands now: its state, and what is said of it. */
function headOf({ slack }: Demo, { channel, ts }: Message): string {
  const now = slack.messages(channel).find((one) => one.ts === ts);
  return now ? slack.plainText(now).split("\n").slice(0, 3).join("\n") : "";
}

function createPlay(demo: Demo, say: Say): Play {
  let printed = known(demo);
  let scenes = 0;

  const print = (): void => {
    const lines = wireLines(demo, printed).filter(({ isLook }) => !isLook);
    printed = known(demo);
    for (const line of lines) say(lineText(line));
  };
  return {
    demo,
    say,
    scene(heading) {
      scenes += 1;
      say(`\n${scenes}. ${heading}`);
    },
    async until(what, look) {
      const untilMs = Date.now() + WAIT_MS;
      for (;;) {
        const answer = look();
        if (answer) {
          await untilQuiet(demo, printed);
          print();
          return answer;
        }
        if (Date.now() > untilMs) {
          print();
          throw new Error(`waited ${WAIT_MS / 1_000} s for ${what}, which didn't come`);
        }
        await wait(LOOK_EVERY_MS);
      }
    },
    seen(where, text) {
      for (const [index, line] of text.split("\n").entries()) {
        say(`    ${index === 0 ? `${where}:` : " ".repeat(where.length + 1)} ${line}`);
      }
    },
  };
}

const utc = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

const NAMES = { slack: "Slack", bot: "bot", azure: "Azure" } as const;

function lineText({ atMs, from, to, what, outcome }: WireLine): string {
  const way = `${NAMES[from]} → ${NAMES[to]}`.padEnd(12);
  return `  ${utc(atMs)}  ${way}  ${what}  [${outcome}]`;
}
