/** @file How a report looks: its own colours for light and dark, and no font or picture from elsewhere. */
import { Markup } from "./markup.ts";

/** The sheet. It holds no sign that markup would have to escape. */
export const STYLE = new Markup(`
:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1c2024; --faint: #60666d; --grid: #e3e6e9; --card: #f6f7f8;
  --honest: #2f7d4f; --over: #c22f2f; --bound: #60666d;
  --hue-0: #d1662b; --hue-1: #7a4fb5; --hue-2: #b8860b; --hue-3: #c04a86;
  --hue-4: #2d73b8; --hue-5: #8a5a3b; --hue-6: #4d8f9d; --hue-7: #6b6f76;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --ink: #e6e8ea; --faint: #9aa1a9; --grid: #2e3338; --card: #1d2125;
    --honest: #57b27e; --over: #f06a6a; --bound: #9aa1a9;
    --hue-0: #ef8f55; --hue-1: #a98be0; --hue-2: #d9b043; --hue-3: #e07fb0;
    --hue-4: #6aa9e6; --hue-5: #b98a68; --hue-6: #74b8c6; --hue-7: #9da3ab;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 66rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 1rem 0 0.5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 0.25rem; }
p { max-width: 44rem; margin: 0.25rem 0 0.75rem; }
.lead { font-size: 1.05rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 0.5rem; margin: 1rem 0; }
dl div { background: var(--card); border-radius: 0.4rem; padding: 0.5rem 0.75rem; min-width: 0; }
dt { color: var(--faint); font-size: 0.85rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; max-width: 31rem; min-width: 0; }
figcaption { font-weight: 600; overflow-wrap: anywhere; }
svg { display: block; width: 100%; height: auto; font: 11px system-ui, sans-serif; fill: var(--ink); }
svg text { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.grid { stroke: var(--grid); }
.bound { stroke: var(--bound); stroke-width: 1.5; }
.dashed { stroke-dasharray: 4 4; }
.limit { stroke: var(--ink); stroke-width: 2; }
.mark { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
.area { stroke: var(--paper); stroke-width: 0.5; }
.line { stroke-width: 2; }
.dot { stroke: var(--paper); }
.over { fill: var(--over); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.15rem 1rem; margin: 0.4rem 0 0; padding: 0; font-size: 0.9rem; }
.legend .name { overflow-wrap: anywhere; }
.key { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.4em; border-radius: 2px; }
.scroll { overflow-x: auto; margin-top: 1rem; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--grid); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
thead th { color: var(--faint); font-weight: 600; }
tbody th { font-weight: 400; }
${["honest", ...Array.from({ length: 8 }, (_, hue) => `hue-${hue}`)]
  .map(
    (name) =>
      `.${name} { fill: var(--${name}); background: var(--${name}); }\n.line.${name} { fill: none; background: none; stroke: var(--${name}); }`,
  )
  .join("\n")}
@media print { body { font-size: 11pt; } section { break-inside: avoid; } }
`);
