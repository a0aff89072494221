/**
 * @file Preloaded (`node --import`): what one process compiled, the next one reads, which halves the start of a command. Processes
 * that it starts inherit that by the environment; called from a module's body it would come after all static imports.
 */
import { enableCompileCache } from "node:module";

const { directory } = enableCompileCache();
if (directory !== undefined) process.env["NODE_COMPILE_CACHE"] ??= directory;
