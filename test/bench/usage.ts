// Loaded before a measured program with `--import`: tells how much processor time it has used.

process.on("message", (message) => {
  const { id, ask } = message as { id?: number; ask?: string };
  if (ask === "usage") process.send?.({ id, value: process.cpuUsage() });
});
// It must not keep the program alive, nor be what ends it.
process.channel?.unref();
