// Edits that Slack may carry out late, over what was shown since.

/** What got no answer from Slack is carried out by then, or never: an edit, or a posting before this one. */
export const LATE_MS = 60_000;
