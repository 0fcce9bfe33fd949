"""Style sheet of the evaluation page, light or dark as the browser is set."""

CSS = """
:root {
  color-scheme: light dark;
  --ground: #fcfcfa; --raised: #f2f2ee; --ink: #23262b; --muted: #6b7079; --line: #d9d9d3;
  --series-0: #0072b2; --series-1: #d55e00; --series-2: #009e73; --series-3: #aa4499;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181c; --raised: #1f2227; --ink: #e4e5e7; --muted: #969ba4; --line: #3a3e45;
    --series-0: #56b4e9; --series-1: #e69f00; --series-2: #2fc39b; --series-3: #d68fc8;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 3rem 1.5rem 5rem; max-width: 68rem;
  background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { margin: 0 0 1.5rem; font-size: 2rem; font-weight: 650; letter-spacing: -0.02em; line-height: 1.2; }
h2 { margin: 3.5rem 0 0.25rem; font-size: 1.3rem; font-weight: 650; letter-spacing: -0.01em; }
p, li { max-width: 54rem; }
p.about { margin: 0 0 1.25rem; color: var(--muted); }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 0.3rem 1.5rem; margin: 0; font-size: 0.95rem; }
dl.facts dt { color: var(--muted); }
dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.4rem 0; text-align: left; vertical-align: baseline; white-space: nowrap; }
th:first-child { padding: 0.4rem 2rem 0.4rem 0.6rem; }
td.value { width: 1%; padding-right: 0.5em; text-align: right; }
td.between { padding-right: 1rem; color: var(--muted); font-size: 0.82em; font-weight: 400; }
thead th {
  padding-right: 1rem; border-bottom: 1.5px solid var(--ink);
  font-weight: 600; vertical-align: bottom; line-height: 1.3;
}
tbody th { font-weight: 400; }
tbody td, tbody th { border-bottom: 1px solid var(--line); }
tr.real > * { background: var(--raised); font-weight: 600; }
small { color: var(--muted); font-size: 0.82em; font-weight: 400; }
dl.glossary { margin: 1rem 0 0; columns: 2 24rem; column-gap: 2.5rem; font-size: 0.85rem; color: var(--muted); }
dl.glossary div { break-inside: avoid; margin-bottom: 0.4rem; }
dl.glossary dt { display: inline; color: var(--ink); font-weight: 600; }
dl.glossary dd { display: inline; margin: 0 0 0 0.4em; }
figure { margin: 1.5rem 0 0; }
figure svg { display: block; max-width: 100%; height: auto; font-family: inherit; }
.take { display: flex; flex-wrap: wrap; gap: 1.25rem; margin-top: 1.25rem; }
.take figure { margin: 0; width: 240px; }
.take video { display: block; width: 240px; height: 240px; border-radius: 6px; background: var(--raised); }
figcaption { margin-top: 0.35rem; font-size: 0.85rem; color: var(--muted); overflow-wrap: anywhere; }
figure.real figcaption { color: var(--ink); font-weight: 600; }
ul { padding-left: 1.2rem; font-size: 0.92rem; }
"""
