// The link to a VM in the portal of its cloud.

import type { AccessRequest } from "../../../domain/request/request.ts";
import { portalUrl } from "../../../domain/vm/portal-url.ts";
import { type Button, plainTextElement } from "./blocks.ts";

/** Slack tells the app of a press on a link, too: it isn't an action of ours, and there's nothing to do. */
const LINK_ACTION = "link.portal";

/** A button, or none where the portal isn't known or the address would be too long. */
export function portalLink(
  { id, ask }: Pick<AccessRequest, "id" | "ask">,
  portal: string | undefined,
): readonly Button[] {
  const url = portal === undefined ? undefined : portalUrl(portal, ask.vm.id);
  if (url === undefined) return [];
  return [
    {
      type: "button",
      action_id: LINK_ACTION,
      text: plainTextElement("Azure portal"),
      url,
      accessibility_label: `The VM of request ${id} in the Azure portal`,
    },
  ];
}
