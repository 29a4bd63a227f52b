// The conversation: each command and click goes to its flow, and every outcome becomes an answer in words.

import { type Fault, isFault } from "../ports/fault.ts";
import type { RequestCommand } from "../request/command/asks.ts";
import { askedDuration } from "../request/command/fields.ts";
import { commandHelp } from "../request/command/help.ts";
import { type Command, parseCommand } from "../request/command.ts";
import type { RequestId } from "../request/ids.ts";
import { isRefusal, type Refusal, type RefusalCode, refuse } from "../request/refusal.ts";
import { stateWord } from "../request/state-words.ts";
import { type Words, words } from "../request/words.ts";
import { askedWords } from "./asked-words.ts";
import { refusedNote } from "./audit-notes.ts";
import { type Decision, decide, mayDecideAtAll } from "./decide.ts";
import type { Deps } from "./deps.ts";
import type { Answer, Button, Click, Desk, Sender } from "./desk.ts";
import { type ExtendAsk, extend } from "./extend.ts";
import { explainTo } from "./explain.ts";
import { draftOf, filledForm, openForm, type SentForm, searched, sendForm } from "./form-desk.ts";
import { formAfter } from "./forms.ts";
import { peopleChanged } from "./leave.ts";
import { listRequests, requestStatus } from "./look-up.ts";
import { fieldOf } from "./request-form.ts";
import { submit } from "./submit.ts";

const NOTHING: Answer = { answer: "nothing" };
const said = (...lines: readonly Words[]): Answer => ({ answer: "said", lines });

export function conversation(deps: Deps): Desk {
  return {
    command: (sender, text) =>
      answering(deps, sender, { about: text.slice(0, 100) }, () => {
        const command = parseCommand(text);
        return isRefusal(command) ? Promise.resolve(command) : obey(deps, sender, command);
      }),
    click: (sender, click) =>
      answering(deps, sender, { request: click.id, about: click.button }, () =>
        clicked(deps, sender, click),
      ),
    deny: (sender, { id, nonce, reason }) =>
      answering(deps, sender, { request: id, about: "deny" }, () =>
        act(deps, sender, { act: "deny", id, reason, button: { nonce, message: undefined } }),
      ),
    peopleChanged: (change) =>
      peopleChanged(deps, change).catch((thrown: unknown) => {
        // The sweep looks at everybody again within a minute.
        deps.log.warn({ err: thrown }, "a change of people could not be followed up");
      }),
    concern: (sender, { id, nonce, text }) =>
      answering(deps, sender, { request: id, about: "review" }, () =>
        act(deps, sender, {
          ...{ act: "review", id, verdict: "concern", reason: text },
          button: { nonce, message: undefined },
        }),
      ),
    extend: (sender, { id, nonce, duration, reason }) =>
      answering(deps, sender, { request: id, about: "extend" }, async () => {
        const durationMs = askedDuration(duration);
        if (isRefusal(durationMs)) return durationMs;
        return extendedBy(deps, sender, { id, nonce, durationMs, reason });
      }),
    openForm: (sender) => ({
      ...openForm(deps, sender, { draft: {} }),
      answer: "request-form",
      otherwise: [HOW_TO],
    }),
    form: (sender, draft) => filledForm(deps, sender, { draft }),
    searchVms: (sender, text) => searched(deps, sender, text),
    sendForm: (sender, sent) =>
      answering(deps, sender, { about: "form" }, () => formSent(deps, sender, sent)),
    approveChanged: (sender, { id, nonce, duration, source }) =>
      answering(deps, sender, { request: id, about: "approve" }, () =>
        act(deps, sender, {
          ...{ act: "approve", id, narrow: { duration, source } },
          button: { nonce, message: undefined },
        }),
      ),
  };
}

type About = { readonly request?: RequestId; readonly about: string };

/** Runs a flow; a refusal is recorded and said, a fault is said as what it is, a bug is logged. */
async function answering(
  deps: Deps,
  sender: Sender,
  about: About,
  flow: () => Promise<Answer | Refusal>,
): Promise<Answer> {
  const facts = { request: about.request, user: sender.user };
  try {
    const outcome = await flow();
    if (!isRefusal(outcome)) return outcome;
    deps.log.info({ ...facts, refused: outcome.refused }, "refused");
    const refused = { by: sender.user, why: outcome.refused, about: about.about };
    const note = refusedNote(deps.policy(), refused);
    const recorded = await deps.store.record(about.request, note, sender.delivery);
    if (recorded === "repeated") return NOTHING;
    return { answer: "said", lines: [outcome.say], refused: outcome.refused };
  } catch (thrown) {
    return failed(deps, facts, thrown);
  }
}

function failed(deps: Deps, facts: object, thrown: unknown): Answer {
  if (!isFault(thrown)) {
    deps.log.error({ ...facts, err: thrown }, "a command or click failed");
    return said(
      words`Something went wrong on the bot's side. Look at the request's state before you try again: ${{ code: "/jit list" }}.`,
    );
  }
  deps.log.error({ ...facts, world: thrown.world, code: thrown.code }, thrown.message);
  return said(faultWords(thrown));
}

function faultWords(fault: Fault): Words {
  switch (fault.world) {
    case "redis":
      return fault.ambiguous
        ? words`The bot's memory (Redis) did not answer in time, so it is not known whether this was kept: look at ${{ code: "/jit list" }} in a minute before you try again.`
        : words`The bot's memory (Redis) cannot be reached, so nothing was kept or changed: try again in a minute.`;
    case "azure":
      return words`Azure does not answer (${{ code: fault.code }}): nothing was changed, try again in a minute.`;
    case "slack":
      return words`Slack does not answer the bot (${{ code: fault.code }}): try again in a minute.`;
  }
}

async function obey(deps: Deps, sender: Sender, command: Command): Promise<Answer | Refusal> {
  switch (command.verb) {
    case "request":
    case "breakglass": {
      const submitted = await submit(deps, sender, command);
      if (submitted === "repeated") return NOTHING;
      if (isRefusal(submitted)) return formInstead(deps, sender, { command, refusal: submitted });
      return said(...askedWords(submitted));
    }
    case "cancel":
    case "end":
      return act(deps, sender, { act: command.verb, id: command.id });
    case "extend": {
      const { id, durationMs, reason } = command;
      return extendedBy(deps, sender, { id, durationMs, reason: reason ?? "" });
    }
    case "review":
      return act(deps, sender, {
        ...{ act: "review", id: command.id, verdict: command.verdict },
        reason: command.text ?? "",
      });
    case "explain":
      return once(deps, sender, () => explainTo(deps, sender, command));
    case "status":
      return once(deps, sender, () => requestStatus(deps, sender, command.id));
    case "list":
      return once(deps, sender, () => listRequests(deps, sender, command));
    case "form":
      return {
        ...openForm(deps, sender, { draft: {} }),
        answer: "request-form",
        otherwise: [HOW_TO],
      };
    case "help":
      return once(deps, sender, () => Promise.resolve(help()));
    default:
      return notBuilt(command.verb);
  }
}

const HOW_TO = words`Write for example ${{ code: "/jit request vm-01 3389 2h for restarting the print spooler" }}; ${{ code: "/jit help" }} lists all commands.`;

/** What only the person can say is asked for in the form; what is wrong is said. */
const FOR_THE_FORM: ReadonlySet<RefusalCode> = new Set([
  "incomplete",
  "ambiguous",
  "reason-required",
]);

function formInstead(
  deps: Deps,
  sender: Sender,
  { command, refusal }: { command: RequestCommand; refusal: Refusal },
): Answer | Refusal {
  if (command.verb !== "request" || !FOR_THE_FORM.has(refusal.refused)) return refusal;
  const opened = openForm(deps, sender, { draft: draftOf(deps, command), note: refusal.say });
  return { ...opened, answer: "request-form", otherwise: [refusal.say] };
}

async function formSent(deps: Deps, sender: Sender, sent: SentForm): Promise<Answer> {
  const submitted = await sendForm(deps, sender, sent);
  if (submitted === "repeated") return NOTHING;
  if (isRefusal(submitted)) {
    return { answer: "form-error", field: fieldOf(submitted), say: submitted.say };
  }
  return said(...askedWords(submitted));
}

async function extendedBy(
  deps: Deps,
  sender: Sender,
  wanted: ExtendAsk,
): Promise<Answer | Refusal> {
  const submitted = await extend(deps, sender, wanted);
  if (submitted === "repeated") return NOTHING;
  return isRefusal(submitted) ? submitted : said(...askedWords(submitted));
}

const notBuilt = (verb: string): Refusal =>
  refuse(
    "switched-off",
  )`${{ code: `/jit ${verb}` }} is not available in this version: ${{ code: "/jit help" }} lists what is.`;

/** Commands that work today. */
const AVAILABLE: ReadonlySet<string> = new Set([
  "request",
  "status",
  "list",
  "cancel",
  "end",
  "breakglass",
  "review",
  "extend",
  "explain",
  "help",
]);

function help(): Answer {
  const lines = commandHelp
    .filter(({ usage }) => AVAILABLE.has(usage.split(" ")[1] ?? ""))
    .map(({ usage, says }) => words`${{ code: usage }}  ${says}`);
  return said(words`Just-in-time access to Azure VMs:`, ...lines);
}

/** For what only looks: a repeated delivery gets no second answer. A refusal is recorded by the caller. */
async function once(
  deps: Deps,
  sender: Sender,
  look: () => Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  const answer = await look();
  if (isRefusal(answer)) return answer;
  return (await deps.store.firstDelivery(sender.delivery)) ? answer : NOTHING;
}

const ACTS: Readonly<Partial<Record<Button, Decision["act"]>>> = {
  approve: "approve",
  deny: "deny",
  "take-back": "take-back",
  retry: "retry",
  end: "end",
  cancel: "cancel",
  change: "approve",
  "review-ok": "review",
  "review-concern": "review",
};

async function clicked(deps: Deps, sender: Sender, click: Click): Promise<Answer | Refusal> {
  if (click.button === "extend") return (await formAfter(deps, click)) ?? NOTHING;
  const name = ACTS[click.button];
  if (name === undefined) return notBuilt(click.button);
  const decision: Decision = { act: name, id: click.id, button: click };
  const form = formAfter(deps, click);
  if (form === undefined) return act(deps, sender, decision);
  // Sending the form decides, and everything is checked again then.
  const refusal = await mayDecideAtAll(deps, sender, decision);
  return refusal ?? (await form);
}

async function act(deps: Deps, sender: Sender, decision: Decision): Promise<Answer | Refusal> {
  const outcome = await decide(deps, sender, decision);
  if (outcome === "repeated") return NOTHING;
  if (isRefusal(outcome)) return outcome;
  deps.log.info({ request: outcome.id, user: sender.user, act: decision.act }, outcome.state);
  // A click is answered by the message that changes; a command has nothing else to look at.
  if (decision.button !== undefined) return NOTHING;
  return said(words`${{ strong: outcome.id }} is now ${{ strong: stateWord(outcome) }}.`);
}
