/** @file Loaded before every test file: what one file's process compiled, the next one reads. */
import { enableCompileCache } from "node:module";

enableCompileCache();
