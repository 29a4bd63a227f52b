// The request form as Slack shows it, at each stage from the empty one on. Pure.

import { createHash } from "node:crypto";
import type { ModalView, SectionBlock } from "@slack/types";
import { onDutyWords } from "../../../../domain/on-call/source-words.ts";
import type { Choices, Terms } from "../../../../domain/rules/form-options.ts";
import type { Rule } from "../../../../domain/rules/policy.ts";
import { MY_IP } from "../../../../domain/rules/requested-source.ts";
import { plainText } from "../../../../domain/text/plain-text.ts";
import { PORTS_MAX } from "../../../../domain/text/ports-list.ts";
import { isRefusal } from "../../../../domain/text/refusal.ts";
import { listed, type Words, words } from "../../../../domain/text/words.ts";
import type {
  BundleChoice,
  Found,
  RequestForm,
  VmAvailability,
  VmChoice,
} from "../../../../ports/screens/request-form.ts";
import { mrkdwnPieces } from "../mrkdwn.ts";
import { recentOption } from "../pages/recent.ts";
import { frozenLine, peopleWords, portsInText } from "../phrases.ts";
import { sourcesInView, withCursor } from "./form-cursor.ts";
import { type Carried, encodeCarried } from "./form-state.ts";

type Block = ModalView["blocks"][number];
type InputBlock = Extract<Block, { type: "input" }>;

export const REQUEST_FORM = "jit.request";

/** The menus that ask the bot, or tell it at once what was chosen. */
export const VM_MENU = "jit.form.vm";
export const MORE_MENU = "jit.form.more";
export const PORTS_MENU = "jit.form.ports";
export const RECENT_MENU = "jit.form.recent";

/** What the blocks are called, or begin with. */
export const FIELDS = {
  vm: "vm",
  ports: "ports",
  duration: "duration",
  at: "at",
  source: "source",
  address: "address",
  reason: "reason",
  more: "more",
  recent: "recent",
  all: "all",
} as const;

/** Limits of Slack's: https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
const OPTION_CHARACTERS_MAX = 75;
const OPTIONS_MAX = 100;
const SECTION_CHARACTERS_MAX = 3_000;

const REASON_CHARACTERS_MAX = 1_000;
/** As many as one can look over before sending; longer lists have the command. */
const MORE_VMS_MAX = 19;
const ADDRESS_CHARACTERS_MAX = 64;
const APPROVERS_SHOWN_MAX = 5;
const RULES_SHOWN_MAX = 5;

type Choice = VmChoice | BundleChoice;

export type Shown = {
  readonly form: RequestForm;
  readonly carried: Carried;
  /** The id of the block in which the person chose the VM; left out: the bot fills it in. */
  readonly vmBlock?: string | undefined;
  /** Other VMs are chosen: Slack keeps them as long as their block is there. */
  readonly hasMore?: boolean;
};

/**
 * Slack keeps what is in an input as long as its block has the same id, and lets it go when the id
 * changes: what was typed stays, and what depends on the VM or the ports is offered again with them.
 */
export function requestFormView({ form, carried, vmBlock, hasMore = false }: Shown): ModalView {
  const { shut, vm, draft, filling } = form;
  const { duration, source, opensAtMs, at } = draft;
  const kept = { ...carried, draft: { duration, source, opensAtMs, at } };
  const view = {
    type: "modal",
    callback_id: REQUEST_FORM,
    private_metadata: encodeCarried(kept),
    title: plain("Request access"),
    close: plain("Cancel"),
  } as const;
  if (shut !== undefined) return { ...view, blocks: [section(shut)] };
  // Slack opens the list of a menu that gets the cursor: without a field, none covers what comes in a moment.
  if (filling) return { ...view, blocks: [section(words`Looking up the VM…`)] };
  const block = vmBlock ?? (vm === undefined ? FIELDS.vm : `${FIELDS.vm}.${vm.code}`);
  const blocks = [
    ...above(form),
    ...recentInput(form),
    vmInput(vm, block),
    ...following(form, hasMore),
  ];
  return { ...view, submit: plain("Request"), blocks: withCursor(form, blocks) };
}

/** What is to be read first: the list of a menu drops over what is below it. */
function above({ frozen, problem }: RequestForm): SectionBlock[] {
  return [
    ...(frozen === undefined ? [] : [section(frozenLine(frozen))]),
    ...(problem === undefined ? [] : [section(words`⚠️ ${problem}`)]),
  ];
}

/** Above the VM, for the same reason. */
function recentInput({ vm, recent = [] }: RequestForm): InputBlock[] {
  if (vm !== undefined || recent.length === 0) return [];
  return [
    {
      ...input(FIELDS.recent, "Request again"),
      optional: true,
      dispatch_action: true,
      element: {
        type: "static_select",
        action_id: RECENT_MENU,
        placeholder: plain("What you requested before"),
        options: recent.map(recentOption),
      },
    },
  ];
}

function following(form: RequestForm, hasMore: boolean): Block[] {
  const { vm, more, choices, draft, zone, onDuty = [] } = form;
  const blocks: Block[] = [];
  const terms = isRefusal(choices?.terms) ? undefined : choices?.terms;
  const rules = terms === undefined ? [] : (form.rules ?? [terms.rule]);
  if (vm !== undefined && choices !== undefined) {
    blocks.push(portsInput(vm, choices));
    if (isRefusal(choices.terms)) blocks.push(section(words`⚠️ ${choices.terms.say}`));
    if (terms !== undefined) {
      blocks.push(durationInput(vm, terms), ...sourceInputs(vm, terms, draft.source));
    }
  }
  // What holds for any VM stays visible, whatever is chosen above.
  if (terms !== undefined || draft.opensAtMs !== undefined) {
    blocks.push(atInput(draft.opensAtMs, zone));
  }
  if (terms !== undefined || draft.reason !== undefined) {
    blocks.push(
      reasonInput(
        draft.reason,
        rules.some(({ reason }) => reason === "required"),
      ),
    );
  }
  if (terms !== undefined || hasMore) blocks.push(...moreInputs(more));
  blocks.push(...rules.slice(0, RULES_SHOWN_MAX).map((rule) => section(whoDecides(rule))));
  blocks.push(...onDuty.map((duty) => section(onDutyWords(duty))));
  return blocks;
}

/** What stands behind the name of a VM for which nothing can be requested. */
const AVAILABILITIES: Readonly<Record<VmAvailability, string>> = {
  requestable: "",
  "outside-hours": " · outside hours",
  "no-port": " · no port you can request",
  "not-configured": " · not configured",
  unsupported: " · unsupported",
};

/** An option's text names the VM also when the menu is closed, so two of one name can be told apart. */
export function vmOption({ code, name, resourceGroup, address, availability, off }: VmChoice) {
  const mark = AVAILABILITIES[availability];
  const text = plainText(`${name} · ${resourceGroup}`, OPTION_CHARACTERS_MAX - mark.length);
  const about = [address, off].filter((one) => one !== undefined).join(" · ");
  return {
    ...option(code, text + mark),
    ...(about !== "" && { description: plain(about) }),
  };
}

/** Shorter than an option can be, whatever the bundle is called. */
export function bundleOption({ code, bundle, count, isTooMany }: BundleChoice) {
  const vms = `${count} ${count === 1 ? "VM" : "VMs"}`;
  const mark = isTooMany ? ` (more than ${vms})` : ` (${vms})`;
  return option(code, plainText(bundle, OPTION_CHARACTERS_MAX - mark.length) + mark);
}

/** Bundles above VMs, in groups of their own. Slack takes no group without options. */
export function foundOptions({ bundles, vms }: Found) {
  if (bundles.length === 0) return { options: vms.map(vmOption) };
  const groups = [
    { label: plain("Bundles"), options: bundles.map(bundleOption) },
    { label: plain("VMs"), options: vms.map(vmOption) },
  ];
  return { option_groups: groups.filter(({ options }) => options.length > 0) };
}

const choiceOption = (choice: Choice) =>
  "bundle" in choice ? bundleOption(choice) : vmOption(choice);

const vmInput = (vm: Choice | undefined, block: string): InputBlock => ({
  ...input(block, "VM"),
  hint: plain("Search by name, resource group, address or tag."),
  dispatch_action: true,
  element: {
    type: "external_select",
    action_id: VM_MENU,
    min_query_length: 0,
    placeholder: plain("Type to search"),
    ...(vm !== undefined && { initial_option: choiceOption(vm) }),
  },
});

function portsInput(vm: Choice, { ports, chosenPorts }: Choices): InputBlock {
  const shown = [...new Set([...chosenPorts, ...ports])].slice(0, OPTIONS_MAX);
  const optionOf = (port: number) => option(String(port), portsInText([port]));
  const chosen = chosenPorts.slice(0, PORTS_MAX).map(optionOf);
  return {
    ...input(dependent(FIELDS.ports, vm, ports), "Ports"),
    ...("bundle" in vm && { optional: true, hint: plain("Leave empty for each VM's usual port.") }),
    dispatch_action: true,
    element: {
      type: "multi_static_select",
      action_id: PORTS_MENU,
      placeholder: plain("Choose one or more"),
      options: shown.sort((a, b) => a - b).map(optionOf),
      max_selected_items: PORTS_MAX,
      ...(chosen.length > 0 && { initial_options: chosen }),
    },
  };
}

const durationInput = (vm: Choice, { durations, chosenDuration }: Terms): InputBlock => ({
  ...input(dependent(FIELDS.duration, vm, durations), "Duration"),
  element: menu(FIELDS.duration, durations, chosenDuration),
});

/** Slack shows it by the person's own clocks, and keeps it whatever else is chosen. */
const atInput = (opensAtMs: number | undefined, zone: string | undefined): InputBlock => ({
  ...input(FIELDS.at, "Open at"),
  hint: plain(
    `Leave empty to open as soon as it's approved.${zone === undefined ? "" : ` Your time zone: ${zone}.`}`,
  ),
  optional: true,
  element: {
    type: "datetimepicker",
    action_id: FIELDS.at,
    ...(opensAtMs !== undefined && { initial_date_time: pickable(opensAtMs) }),
  },
});

/** Slack takes seconds of ten digits; what lies beyond is refused when it is sent, as too early or too late. */
const pickable = (ms: number): number =>
  Math.min(Math.max(Math.floor(ms / 1_000), 1_000_000_000), 9_999_999_999);

/** A menu of what the rule allows, and room for an address within it. */
function sourceInputs(vm: Choice, terms: Terms, drafted: string | undefined): InputBlock[] {
  const { sources, chosenSource, myAddress } = terms;
  const named = (source: string): string => (source === MY_IP ? mine(myAddress) : source);
  const isChosen = sources.some((one) => one.toLowerCase() === drafted?.toLowerCase());
  const written = isChosen ? undefined : drafted;
  const element: InputBlock["element"] = {
    type: "plain_text_input",
    action_id: FIELDS.address,
    placeholder: plain("203.0.113.7"),
    max_length: Math.max(ADDRESS_CHARACTERS_MAX, written?.length ?? 0),
    ...(written !== undefined && { initial_value: written }),
  };
  if (sources.length === 0) {
    const hint = plain("An address or network that the rule and the VM's JIT policy allow.");
    return [{ ...input(FIELDS.address, "Connect from"), hint, element }];
  }
  return [
    {
      ...input(dependent(FIELDS.source, vm, sourceOffers(terms)), "Connect from"),
      element: sourcesInView(terms)
        ? radios(FIELDS.source, sources, named)
        : menu(FIELDS.source, sources, chosenSource, named),
    },
    {
      ...input(FIELDS.address, "Narrow to a specific address"),
      optional: true,
      element,
    },
  ];
}

/** The same as long as the field is of the same kind, too. */
const sourceOffers = (terms: Terms): readonly string[] =>
  sourcesInView(terms) ? ["in view", ...terms.sources] : terms.sources;

const reasonInput = (reason: string | undefined, isRequired: boolean): InputBlock => ({
  ...input(FIELDS.reason, "Reason"),
  hint: plain("Visible to approvers and kept in the audit log."),
  optional: !isRequired,
  element: {
    type: "plain_text_input",
    action_id: FIELDS.reason,
    multiline: true,
    // Nothing that is there from the start may be too long to be sent.
    max_length: Math.max(REASON_CHARACTERS_MAX, reason?.length ?? 0),
    ...(reason !== undefined && reason !== "" && { initial_value: reason }),
  },
});

/** Other VMs that get the same; what was chosen stays with whatever VM is chosen above. */
const moreInputs = (more: readonly VmChoice[] = []): InputBlock[] => [
  {
    ...input(FIELDS.more, "More VMs"),
    hint: plain(
      "They get the same duration and source, and their own usual ports unless you change those above.",
    ),
    optional: true,
    element: {
      type: "multi_external_select",
      action_id: MORE_MENU,
      min_query_length: 0,
      max_selected_items: Math.max(MORE_VMS_MAX, more.length),
      placeholder: plain("Type to search"),
      ...(more.length > 0 && { initial_options: more.map(vmOption) }),
    },
  },
  {
    ...input(FIELDS.all, "If one of them can't be requested"),
    optional: true,
    element: {
      type: "checkboxes",
      action_id: FIELDS.all,
      options: [option("none", "Request none of them")],
    },
  },
];

function whoDecides({ name, approvals, approvers, channel }: Rule): Words {
  const rule = { code: name };
  if (approvals === 0) return words`Rule ${rule} needs no approval: it opens immediately.`;
  const { users, groups, onCall = [] } = approvers;
  const named =
    users.length + groups.length === 0 ? [] : [peopleWords(approvers, APPROVERS_SHOWN_MAX)];
  const due = onCall.map((rota) => words`the person on call for ${{ code: rota }}`);
  const people = listed([...named, ...due], "or");
  const who = approvals === 1 ? people : words`${approvals} of ${people}`;
  const where = channel === undefined ? [] : words` in ${{ channel }}`;
  return words`Needs approval from ${who}${where} (rule ${rule}). You can't approve your own request.`;
}

/** The same as long as the VM and what is offered for it are the same. */
const dependent = (field: string, vm: Choice, offered: readonly (string | number)[]): string => {
  const digest = createHash("sha256")
    .update(JSON.stringify([vm.code, offered]))
    .digest("base64url");
  return `${field}.${digest.slice(0, 12)}`;
};

const mine = (address: string | undefined): string =>
  address === undefined ? "My current IP (you'll get a link)" : `My current IP (${address})`;

function menu(
  actionId: string,
  values: readonly string[],
  chosen: string | undefined,
  named = (value: string): string => value,
) {
  const first = chosen === undefined ? [] : [chosen];
  const all = new Set([...first, ...values].slice(0, OPTIONS_MAX));
  // In the order of the file or of time, the chosen one included where it stands.
  const options = values.filter((one) => all.has(one)).map((one) => option(one, named(one)));
  const initial = options.find(({ value }) => value === chosen);
  return {
    type: "static_select" as const,
    action_id: actionId,
    options,
    ...(initial !== undefined && { initial_option: initial }),
  };
}

const radios = (actionId: string, values: readonly string[], named: (value: string) => string) => ({
  type: "radio_buttons" as const,
  action_id: actionId,
  options: values.map((one) => option(one, named(one))),
});

const input = (block: string, label: string) => ({
  type: "input" as const,
  block_id: block,
  label: plain(label),
});

const option = (value: string, text: string) => ({ text: plain(text), value });

const plain = (text: string) => ({ type: "plain_text" as const, text });

const section = (sentence: Words): SectionBlock => ({
  type: "section",
  text: {
    type: "mrkdwn",
    text: mrkdwnPieces(sentence, SECTION_CHARACTERS_MAX)[0] ?? "",
    verbatim: true,
  },
});
