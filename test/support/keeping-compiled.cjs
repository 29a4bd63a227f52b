// Starts the script beside it with the code that an earlier start has compiled, and keeps that where there is none yet.
//
// Node's own cache keeps what is compiled when a module is loaded. Most of a bundle is functions that are compiled when
// they're first called, at each start again.

"use strict";

const { readFileSync, renameSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const v8 = require("node:v8");
const vm = require("node:vm");

/** By then it is ready, even on a busy machine, and what it has called is compiled. */
const STARTED_MS = 2_000;

const filename = join(__dirname, "script.cjs");
/** Of this Node, with these flags: V8 takes no other. */
const kept = join(__dirname, `compiled-${v8.cachedDataVersionTag()}`);

function compiledBefore() {
  try {
    return readFileSync(kept);
  } catch {
    return undefined;
  }
}

/** Whole or not at all: several may write it at the same time. */
function keep(script) {
  const writing = `${kept}-${process.pid}`;
  writeFileSync(writing, script.createCachedData());
  renameSync(writing, kept);
}

const cachedData = compiledBefore();
const source = readFileSync(filename, "utf8");
const script = new vm.Script(
  `(function (exports, require, module, __filename, __dirname) {${source}\n})`,
  {
    filename,
    cachedData,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  },
);
if (cachedData === undefined || script.cachedDataRejected)
  setTimeout(keep, STARTED_MS, script).unref();
script.runInThisContext()(exports, require, module, filename, __dirname);
