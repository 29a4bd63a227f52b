// What a measured program is started with: it tells how much processor time it has used. JavaScript, for reading
// TypeScript would add to the start.

const TELLING = `
process.on("message", ({ id, ask }) => {
  if (ask === "usage") process.send?.({ id, value: process.cpuUsage() });
});
// Whoever measured is gone; nobody else would end it. Nor is it to be kept alive by this.
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
`;

export const TELLS_USAGE = `--import=data:text/javascript,${encodeURIComponent(TELLING)}`;
