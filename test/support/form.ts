// What people do in the request form, and what they see there.

import type { SimulatedSlack } from "../../src/sandbox/slack/start.ts";
import type { TestWorld } from "./world.ts";

type Modal = NonNullable<ReturnType<SimulatedSlack["modal"]>>;
type Element = { readonly options?: readonly Option[]; readonly [key: string]: unknown };
type Option = { readonly value: string; readonly text: { readonly text: string } };
type Block = {
  readonly type: string;
  readonly block_id: string;
  readonly optional?: boolean;
  readonly element?: Element;
};

const blocksOf = ({ view }: Modal) => view.blocks as readonly Block[];

/** The block of a field, whatever its id goes on with. */
export const blockIn = (modal: Modal, field: string): Block | undefined =>
  blocksOf(modal).find(({ block_id: id }) => id === field || id.startsWith(`${field}.`));

/** What is offered in a menu, as it is sent. */
export const offered = (modal: Modal, field: string): readonly string[] =>
  blockIn(modal, field)?.element?.options?.map(({ value }) => value) ?? [];

/** What stands in a field: a text, or what is chosen. */
export function standing(modal: Modal, field: string): string | undefined {
  const block = blockIn(modal, field);
  const [held] = Object.values(modal.values[block?.block_id ?? ""] ?? {}) as {
    value?: string | null;
    selected_option?: Option | null;
    selected_options?: readonly Option[];
    selected_date_time?: number | null;
  }[];
  const several = held?.selected_options?.map(({ value }) => value).join(",");
  const moment = held?.selected_date_time?.toString();
  return held?.value ?? held?.selected_option?.value ?? several ?? moment;
}

/** The form on somebody's screen, once it is there and `ready` says so. */
export const formOn = (
  { slack }: Pick<TestWorld, "slack">,
  user: string,
  ready: (modal: Modal) => boolean = () => true,
): Promise<Modal> =>
  slack.waitFor(
    () => {
      const modal = slack.modal(user);
      return modal !== undefined && ready(modal) ? modal : undefined;
    },
    { what: `the form of ${user}`, timeoutMs: 10_000 },
  );

/** Types `/jit <text>`, and waits for the form. */
export async function opens(
  world: TestWorld,
  text: string,
  {
    user = "U0ERIN",
    ready = () => true,
  }: { user?: string; ready?: (modal: Modal) => boolean } = {},
): Promise<Modal> {
  await world.slack.command({ user, channel: "C0GENERAL", text });
  return formOn(world, user, ready);
}

/** The form opens before it is known who is looking: VMs can be chosen a moment later. */
export function vmCanBeChosen(slack: TestWorld["slack"], user = "U0ERIN"): Promise<unknown> {
  return slack.waitFor(
    () => {
      const modal = slack.modal(user);
      return modal && blockIn(modal, "vm");
    },
    { what: "the form to offer VMs" },
  );
}

/** What a search offers, as it is read. */
export async function finds(
  { slack }: Pick<TestWorld, "slack">,
  text: string,
  user = "U0ERIN",
): Promise<readonly string[]> {
  await vmCanBeChosen(slack, user);
  const found = await slack.suggest({ user, actionId: "jit.form.vm", text });
  if (!found.sent) throw new Error("nothing was asked of the bot");
  return found.options.map((one) => (one as Option).text.text);
}

/** Searches, chooses the only VM that is found, and waits until the form shows what follows. */
export async function chooses(
  world: Pick<TestWorld, "slack">,
  text: string,
  { user = "U0ERIN", shows = "duration" } = {},
): Promise<Modal> {
  const { slack } = world;
  await vmCanBeChosen(slack, user);
  const found = await slack.suggest({ user, actionId: "jit.form.vm", text });
  const options = found.sent ? (found.options as Option[]) : [];
  const [only] = options;
  if (only === undefined || options.length > 1) {
    throw new Error(`${text} finds ${options.map((one) => one.text.text).join(", ") || "nothing"}`);
  }
  const hash = slack.modal(user)?.hash;
  await slack.select({ user, actionId: "jit.form.vm", value: only.value });
  return formOn(world, user, (modal) => modal.hash !== hash && blockIn(modal, shows) !== undefined);
}

/** Sends the form with these fields changed. */
export function sends(
  { slack }: Pick<TestWorld, "slack">,
  fields: Readonly<Record<string, string | string[]>> = {},
  { user = "U0ERIN", duplicate = 0 } = {},
) {
  const modal = slack.modal(user);
  if (modal === undefined) throw new Error(`${user} has no form`);
  const values = Object.fromEntries(
    Object.entries(fields).map(([field, value]) => [
      blockIn(modal, field)?.block_id ?? field,
      value,
    ]),
  );
  return slack.submitView({ user, values, duplicate });
}

/** What somebody was told privately after `before` messages, as soon as it is there. */
export async function toldNext(
  { slack }: TestWorld,
  before: number,
  user = "U0ERIN",
): Promise<string> {
  const told = await slack.waitFor(() => slack.ephemerals(user)[before], {
    what: `something said to ${user}`,
    timeoutMs: 10_000,
  });
  return slack.plainText(told);
}
