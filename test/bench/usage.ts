// Loaded before a measured program with `--import`: tells how much processor time it has used.

process.on("message", (message) => {
  const { id, ask } = message as { id?: number; ask?: string };
  if (ask === "usage") process.send?.({ id, value: process.cpuUsage() });
});
// Whoever measured is gone; nobody else would end it. Nor is it to be kept alive by this.
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
