// Decodes what Slack sends about the request form: a change in it, a search, a shortcut that opens it.

import { z } from "zod";
import { parseRequestId, type RequestId, userId } from "../../../domain/text/ids.ts";
import type { Fields } from "../views/forms/form-state.ts";
import {
  MORE_MENU,
  PORTS_MENU,
  RECENT_MENU,
  REQUEST_FORM,
  VM_MENU,
} from "../views/forms/request-form-view.ts";
import { fieldsOf, interactive, originOf, type Received, viewState } from "./payloads.ts";

/** Something was chosen in the form upon which it has to be shown again. */
export type FormChange = Received & {
  readonly view: { readonly id: string; readonly hash: string };
  readonly changed: "vm" | "ports";
  /** What is to be requested again was chosen: the form is filled in with that. */
  readonly again?: RequestId | undefined;
  readonly metadata: string;
  readonly fields: Fields;
};

export type Search = Received & {
  readonly text: string;
  readonly metadata: string;
  /** For the menu of other VMs. */
  readonly isMore: boolean;
};

export type Shortcut = Received & { readonly callbackId: string; readonly triggerId: string };

const requestForm = z.object({
  id: z.string().min(1),
  hash: z.string().min(1),
  callback_id: z.literal(REQUEST_FORM),
  private_metadata: z.string().default(""),
  state: viewState,
});

const changeSchema = interactive.extend({
  view: requestForm,
  actions: z
    .array(
      z.object({
        action_id: z.enum([VM_MENU, PORTS_MENU, RECENT_MENU]),
        selected_option: z.object({ value: z.string() }).nullish().catch(undefined),
      }),
    )
    .min(1),
});

/** `undefined` for whatever is no change of the request form. */
export function decodeFormChange(body: unknown): FormChange | undefined {
  const { data } = changeSchema.safeParse(body);
  const action = data?.actions[0];
  if (data === undefined || action === undefined) return undefined;
  return {
    ...receivedFrom(data),
    view: { id: data.view.id, hash: data.view.hash },
    changed: action.action_id === PORTS_MENU ? "ports" : "vm",
    ...(action.action_id === RECENT_MENU && {
      again: parseRequestId(action.selected_option?.value ?? ""),
    }),
    metadata: data.view.private_metadata,
    fields: fieldsOf(data.view.state),
  };
}

/** Far longer than anything that could be found. */
const SEARCHED_CHARACTERS_MAX = 200;

const searchSchema = interactive.extend({
  action_id: z.enum([VM_MENU, MORE_MENU]),
  value: z.string().default(""),
  view: requestForm.pick({ callback_id: true, private_metadata: true }),
});

export function decodeSearch(body: unknown): Search | undefined {
  const { data } = searchSchema.safeParse(body);
  if (data === undefined) return undefined;
  return {
    ...receivedFrom(data),
    text: data.value.slice(0, SEARCHED_CHARACTERS_MAX),
    isMore: data.action_id === MORE_MENU,
    metadata: data.view.private_metadata,
  };
}

const shortcutSchema = interactive.extend({
  type: z.literal("shortcut"),
  callback_id: z.string(),
  trigger_id: z.string().min(1),
});

export function decodeShortcut(body: unknown): Shortcut | undefined {
  const { data } = shortcutSchema.safeParse(body);
  if (data === undefined) return undefined;
  return { ...receivedFrom(data), callbackId: data.callback_id, triggerId: data.trigger_id };
}

const receivedFrom = (data: z.output<typeof interactive>): Received => ({
  origin: originOf(data),
  from: { user: userId(data.user.id), channel: undefined },
  team: data.user.team_id,
  responseUrl: undefined,
});
