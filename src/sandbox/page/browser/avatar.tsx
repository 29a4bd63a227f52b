// A person's picture: their initials, in a colour of their own.

export function Avatar({ id, name }: { id: string; name: string }) {
  const initials = name
    .split(" ")
    .map((word) => word[0])
    .join("")
    .slice(0, 2)
    .toUpperCase();
  const hue = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 8, 0);
  return (
    <span class={`avatar hue-${hue}`} aria-hidden="true">
      {initials}
    </span>
  );
}

export function BotAvatar() {
  return <span class="avatar avatar-bot" aria-hidden="true" />;
}
