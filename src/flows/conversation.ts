// The conversation: each command and click goes to its flow, and every outcome becomes an answer in words.

import { type Command, parseCommand, parseTyped } from "../domain/command/command.ts";
import type { AwayCommand, BackCommand } from "../domain/command/verbs/away-verb.ts";
import type { RequestCommand } from "../domain/command/verbs/request-verb.ts";
import { isRefusal, type Refusal } from "../domain/text/refusal.ts";
import type { Answer, Inbound, Sender } from "../ports/inbound.ts";
import { actOn, clicked, decidingForms, extendedBy } from "./acts-on-requests.ts";
import { answering, NOTHING, once, said } from "./answering/answering.ts";
import { forOneAct } from "./answering/one-act.ts";
import { auditFile, auditReport } from "./audit/audit-report.ts";
import { severalRequested } from "./batches.ts";
import { applyEndAllClick, dropEndAllClick, isEndAllId, previewEndAll } from "./brake/end-all.ts";
import { freezeAccess, unfreezeAccess } from "./brake/freeze.ts";
import type { Deps } from "./deps.ts";
import { doctorFor } from "./doctor/doctor.ts";
import { filledAgain } from "./forms/again-form.ts";
import { formAtOnce, formInstead, openForm, openFormFor } from "./forms/form-opening.ts";
import { filledForm, formSent, searched } from "./forms/request-form-flow.ts";
import { helpFor } from "./help.ts";
import { vmDirectory, type WithDirectory } from "./inventory/vm-directory.ts";
import { readsAs } from "./limited-inbound.ts";
import type { Homes } from "./lists/home.ts";
import { listVms } from "./lists/list-vms.ts";
import { listRequests, requestStatus } from "./lists/look-up.ts";
import { addressPage } from "./my-address/my-ip.ts";
import { applyClick, dropClick, previewChange } from "./policies/jit-change.ts";
import { previewRestore } from "./policies/restore.ts";
import { againCommand } from "./requests/asking/again/again.ts";
import { askOthers } from "./requests/asking/ask-others.ts";
import { askedWords, hadWords } from "./requests/asking/asked-words.ts";
import { explainTo } from "./requests/asking/explain.ts";
import { submit } from "./requests/asking/submit.ts";
import { asksForSeveral } from "./requests/asking/submit-several.ts";
import { withCommand } from "./requests/asking/try-ask.ts";
import { comeBack, goAway } from "./requests/away.ts";
import { refuseCommand } from "./requests/can-see.ts";
import { requeueClick } from "./requests/parked/requeue.ts";
import { peopleChanged } from "./requests/revoke-for-leavers.ts";
import { dealWithOpening } from "./watch/adopt.ts";
import { answerWritten } from "./written.ts";

type WithForms = Deps & WithDirectory;

export function conversation(ports: Deps, homes: Homes): Inbound {
  const deps: WithForms = { ...ports, directory: vmDirectory(ports) };
  return {
    command: (sender, text) =>
      answering(deps, sender, { about: text.slice(0, 100), typed: text }, (noticed) => {
        const command = parseCommand(text);
        const oneAct = forOneAct(noticed, readsAs({ text }));
        return isRefusal(command) ? Promise.resolve(command) : obey(oneAct, sender, command);
      }),
    click: async (sender, click) => {
      const answer = await answering(
        deps,
        sender,
        { request: click.id, about: click.button },
        (noticed) => clicked(forOneAct(noticed, readsAs(click)), sender, click),
      );
      const isOnHome = sender.channel === undefined && click.message === undefined;
      if (isOnHome) void homes.opened(sender);
      return answer;
    },
    page: (sender, { asked, page }) =>
      answering(deps, sender, { about: `list ${asked}`.slice(0, 100) }, async () => {
        // A list is asked for with what follows its verb; everything else names its own.
        const command = parseTyped(/^(?:vms|audit|help)\b/.test(asked) ? asked : `list ${asked}`);
        if (isRefusal(command)) return command;
        if (command.verb === "audit") return auditReport(deps, sender, { ...command, page });
        if (command.verb === "help") return helpFor(deps, sender, command);
        if (command.verb === "vms") return listVms(deps, sender, { ...command, page });
        if (command.verb !== "list") return NOTHING;
        return listRequests(deps, sender, { ...command, page });
      }),
    auditFile: (sender, { asked, format }) =>
      answering(deps, sender, { about: asked.slice(0, 100) }, async () => {
        const command = parseTyped(asked);
        if (isRefusal(command)) return command;
        return command.verb === "audit" ? auditFile(deps, sender, { command, format }) : NOTHING;
      }),
    ...adminActs(deps),
    askOthers: (sender, text) =>
      answering(deps, sender, { about: `ask others ${text}`.slice(0, 100) }, (noticed) =>
        askOthers(forOneAct(noticed), sender, text),
      ),
    requeue: async (sender, member) => {
      const about = { about: `requeue ${member}`.slice(0, 100) };
      const answer = await answering(deps, sender, about, (noticed) =>
        requeueClick(forOneAct(noticed), sender, member),
      );
      if (sender.channel === undefined) void homes.opened(sender);
      return answer;
    },
    openHome: homes.opened,
    addressPage: addressPage(deps),
    ...decidingForms(deps),
    peopleChanged: (change) =>
      peopleChanged(deps, change).catch((thrown: unknown) => {
        // The sweep looks at everybody again within a minute.
        deps.log.warn({ err: thrown }, "a change of people couldn't be followed up");
      }),
    openForm: (sender, typed) => openFormFor(deps, sender, typed),
    written: (sender, text) =>
      answering(deps, sender, { about: text.slice(0, 100) }, (noticed) =>
        answerWritten(forOneAct(noticed), sender, text),
      ),
    form: (sender, { again, ...draft }) =>
      again === undefined ? filledForm(deps, sender, { draft }) : filledAgain(deps, sender, again),
    searchVms: (sender, text) => searched(deps, sender, text),
    sendForm: (sender, sent) => formSent(forOneAct(deps), sender, sent),
  };
}

/** What admins press on previews and on notices of what others did. */
function adminActs(
  deps: WithForms,
): Pick<Inbound, "applyChange" | "dropChange" | "dealWith" | "restore"> {
  return {
    applyChange: (sender, id) =>
      answering(deps, sender, { about: `apply ${id}`.slice(0, 100) }, (noticed) =>
        isEndAllId(id) ? applyEndAllClick(noticed, sender, id) : applyClick(noticed, sender, id),
      ),
    dropChange: (sender, id) =>
      answering(deps, sender, { about: `drop ${id}`.slice(0, 100) }, (noticed) =>
        isEndAllId(id) ? dropEndAllClick(noticed, sender, id) : dropClick(noticed, sender, id),
      ),
    dealWith: (sender, dealing) =>
      answering(
        deps,
        sender,
        { about: `${dealing.act} ${dealing.ref.vm}`.slice(0, 100) },
        (noticed) => dealWithOpening(forOneAct(noticed), sender, dealing),
      ),
    restore: (sender, vm) =>
      answering(deps, sender, { about: `restore ${vm}`.slice(0, 100) }, (noticed) =>
        previewRestore(forOneAct(noticed), sender, vm),
      ),
  };
}

async function obey(deps: WithForms, sender: Sender, command: Command): Promise<Answer | Refusal> {
  switch (command.verb) {
    case "request":
    case "breakglass":
      return requested(deps, sender, command);
    case "again": {
      const mayNot = await refuseCommand(deps, sender);
      if (mayNot !== undefined) return mayNot;
      const same = await againCommand(deps, sender, command.id);
      return isRefusal(same) ? same : requested(deps, sender, same, { notTwice: true });
    }
    case "cancel":
      return actOn(deps, sender, { act: "cancel", id: command.id });
    case "open":
      return actOn(deps, sender, { act: "open", id: command.id });
    case "end":
      return "id" in command
        ? actOn(deps, sender, { act: "end", id: command.id })
        : previewEndAll(deps, sender, command);
    case "extend": {
      const { id, durationMs, reason } = command;
      return extendedBy(deps, sender, { id, durationMs, reason: reason ?? "" });
    }
    case "review":
      return actOn(deps, sender, {
        act: "review",
        id: command.id,
        verdict: command.verdict,
        reason: command.text ?? "",
      });
    case "explain":
      return once(deps, sender, () => explainTo(deps, sender, command));
    case "status":
      return once(deps, sender, () => requestStatus(deps, sender, command.id));
    case "list":
      return once(deps, sender, () => listRequests(deps, sender, command));
    case "doctor":
      return once(deps, sender, () => doctorFor(deps, sender));
    case "away":
    case "back":
      return absence(deps, sender, command);
    case "audit":
      return auditReport(deps, sender, command);
    case "freeze":
      return freezeAccess(deps, sender, command);
    case "unfreeze":
      return unfreezeAccess(deps, sender);
    case "vms":
      return once(deps, sender, () => listVms(deps, sender, command));
    case "form":
      return openForm(deps, sender);
    case "help":
      return once(deps, sender, () => helpFor(deps, sender, command));
    case "enable":
    case "change":
    case "disable":
      return previewChange(deps, sender, command);
  }
}

async function requested(
  deps: WithForms,
  sender: Sender,
  command: RequestCommand,
  { notTwice = false } = {},
): Promise<Answer | Refusal> {
  if (asksForSeveral(command)) return severalRequested(deps, sender, command, { notTwice });
  const form = formAtOnce(deps, sender, command);
  if (form !== undefined) return noted(deps, sender, form);
  const submitted = await submit(deps, sender, command, { notTwice });
  if (submitted === "repeated") return NOTHING;
  if ("prove" in submitted) return said(...submitted.prove);
  if ("had" in submitted) {
    const { had } = submitted;
    return once(deps, sender, () => requestStatus(deps, sender, had.id, hadWords(had)));
  }
  if (isRefusal(submitted)) {
    const instead = formInstead(deps, sender, { command, refusal: submitted });
    return isRefusal(instead) ? withCommand(instead, command) : noted(deps, sender, instead);
  }
  return said(...askedWords(submitted));
}

/**
 * The delivery is remembered, without keeping the form waiting: sent again when the rules have changed, the
 * command must not ask for what its form is still asking about.
 */
function noted(deps: Deps, sender: Sender, form: Answer): Answer {
  deps.deliveries.take(sender.delivery).catch(() => undefined);
  return form;
}

async function absence(
  deps: Deps,
  sender: Sender,
  command: AwayCommand | BackCommand,
): Promise<Answer | Refusal> {
  const mayNot = await refuseCommand(deps, sender);
  if (mayNot !== undefined) return mayNot;
  return command.verb === "back" ? comeBack(deps, sender) : goAway(deps, sender, command);
}
