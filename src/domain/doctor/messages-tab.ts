// The Slack app's Messages Tab: where it is off, no direct message of the bot arrives.

/** Source: https://docs.slack.dev/reference/methods/chat.postMessage#errors */
export const MESSAGES_TAB_OFF = "messages_tab_disabled";

export const MESSAGES_TAB_FIX =
  "Switch the Messages Tab on in the app's settings, under App Home (in the manifest: messages_tab_enabled: true). Until then requesters are told in the card's thread, or where they asked.";
