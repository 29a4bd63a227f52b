// What is known of the direct message in which a requester follows their request.

import type { ChannelId } from "../../text/ids.ts";

/** The one direct message that shows the requester their request, edited in place until it is over. */
export type LiveMessage = {
  /** Where it was posted, once it was. */
  readonly channel?: ChannelId | undefined;
  readonly ts?: string | undefined;
  /** The revision that it shows; 0: not posted. */
  readonly shown: number;
  /** Set before posting: after a crash the message may be there although `ts` isn't stored. */
  readonly postingSinceMs?: number | undefined;
  /** An edit got no answer, and Slack may carry it out late: it is edited once more then. */
  readonly againAtMs?: number | undefined;
  /** The message of the warning beside it, in the same conversation, while its buttons are of use. */
  readonly warningTs?: string | undefined;
};
