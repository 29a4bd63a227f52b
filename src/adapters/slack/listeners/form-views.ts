// Opens the request form and shows it again when there is more to show, the newest choice last.

import type { types } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import type { Log } from "../../../ports/log.ts";
import { slackFault } from "../client/slack-client.ts";

/** A form on somebody's screen; the hash says which showing of it. */
type OpenView = { readonly id: string; readonly hash: string };

export type FormViews = {
  /** "opened-before": by a repeated delivery of the same act. Never rejects. */
  open(
    triggerId: string,
    view: types.ModalView,
  ): Promise<OpenView | "opened-before" | "not-opened">;
  /**
   * Shows what `make` answers, if anything, unless there was another `show` for this form meanwhile.
   * `over`: also where the form has been shown again since; else it is left as it is then. A form that
   * was closed is no error. Rejects only with what `make` rejects.
   */
  show(
    view: OpenView,
    make: () => Promise<types.ModalView | undefined>,
    options: { readonly over: boolean },
  ): Promise<void>;
};

export function formViews(client: WebClient, log: Log): FormViews {
  /** The newest `show` of each form that is being worked on. */
  const newest = new Map<string, symbol>();

  const update = async (view: types.ModalView, { id, hash }: Partial<OpenView>) => {
    try {
      await client.views.update({ view_id: id ?? "", view, ...(hash !== undefined && { hash }) });
      return "shown";
    } catch (thrown) {
      const { code } = slackFault(thrown);
      if (code === "hash_conflict") return "conflict";
      // Closed by the person, or sent.
      if (code === "not_found" || code === "view_not_found") return "closed";
      log.warn({ code }, "The request form couldn't be shown again");
      return "failed";
    }
  };

  return {
    async open(triggerId, view) {
      try {
        const { view: opened } = await client.views.open({ trigger_id: triggerId, view });
        const { id, hash } = opened ?? {};
        return id === undefined || hash === undefined ? "opened-before" : { id, hash };
      } catch (thrown) {
        const { code } = slackFault(thrown);
        if (code === "exchanged_trigger_id") return "opened-before";
        log.warn({ code }, "The request form couldn't be opened");
        return "not-opened";
      }
    },
    async show({ id, hash }, make, { over }) {
      const mine = Symbol(id);
      newest.set(id, mine);
      try {
        const view = await make();
        if (view === undefined || newest.get(id) !== mine) return;
        const outcome = await update(view, { id, hash });
        // Shown again since the choice was made, but nobody has chosen anything newer.
        if (outcome === "conflict" && over && newest.get(id) === mine) await update(view, { id });
      } finally {
        if (newest.get(id) === mine) newest.delete(id);
      }
    },
  };
}
