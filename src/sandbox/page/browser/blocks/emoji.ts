// The emoji codes that are likely to be typed; others stay as they are, as in Slack.

const EMOJI: Record<string, string> = {
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  x: "❌",
  no_entry: "⛔",
  no_entry_sign: "🚫",
  warning: "⚠️",
  rotating_light: "🚨",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  lock: "🔒",
  unlock: "🔓",
  key: "🔑",
  door: "🚪",
  eyes: "👀",
  bell: "🔔",
  tada: "🎉",
  fire: "🔥",
  memo: "📝",
  computer: "💻",
  desktop_computer: "🖥️",
  information_source: "ℹ️",
  question: "❓",
  large_green_circle: "🟢",
  red_circle: "🔴",
  large_yellow_circle: "🟡",
  white_circle: "⚪",
  smile: "😄",
  wave: "👋",
  "+1": "👍",
  "-1": "👎",
  pray: "🙏",
  rocket: "🚀",
};

/** Signs that text fonts have, too, small and plain; Slack shows pictures. */
const PLAIN_IN_FONTS = /[⚪⚫](?!\ufe0f)/g;

export function withEmoji(text: string): string {
  return text
    .replace(/:([a-z0-9_+-]+):/g, (code, name: string) => EMOJI[name] ?? code)
    .replace(PLAIN_IN_FONTS, "$&\ufe0f");
}
