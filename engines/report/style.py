"""The report's style sheet: light and dark by the reader's own setting, one column on a phone."""

STYLE = """
:root { --page: #fcfcfb; --ink: #1d2327; --faint: #5c666d; --line: #dde1e3; --mark: #1b6ca8; --on-mark: #ffffff;
  --two: #b8530a; --three: #2f7d4f; --band: #1b6ca8; }
@media (prefers-color-scheme: dark) {
  :root { --page: #15191c; --ink: #e8ebed; --faint: #9aa5ac; --line: #333b41; --mark: #6fb1e4; --on-mark: #0c1317;
    --two: #f0a060; --three: #74c69a; --band: #6fb1e4; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--line); }
p { max-width: 46rem; margin: .5rem 0; }
.how, figcaption, header p { color: var(--faint); }
.how, figcaption { font-size: .9rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .3rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
tbody th { font-weight: 500; }
thead th { color: var(--faint); font-weight: 500; font-size: .9rem; }
tr.finer th, tr.finer td { color: var(--faint); font-weight: 400; }
tr.finer th { padding-left: 1rem; }
small { color: var(--faint); font-size: .8rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 1.5rem; }
figure { margin: 0; max-width: 30rem; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--ink); font: 12.5px system-ui, sans-serif; font-variant-numeric: tabular-nums; }
svg .faint { fill: var(--faint); }
svg .halo { paint-order: stroke; stroke: var(--page); stroke-width: 4px; }
svg .mark { fill: var(--mark); }
svg .band { fill: var(--band); }
svg .on-mark { fill: var(--on-mark); }
svg line, svg polyline { stroke: var(--faint); fill: none; }
svg .rule { stroke: var(--line); }
svg .dashed { stroke-dasharray: 4 4; }
svg .whisker { stroke: var(--mark); stroke-width: 3; stroke-linecap: round; }
svg .gap { stroke: var(--two); stroke-width: 2; }
svg .curve { stroke-width: 2; stroke-linejoin: round; }
svg .curve.one { stroke: var(--mark); }
svg .curve.two { stroke: var(--two); }
svg .curve.three { stroke: var(--three); }
svg .word.one { fill: var(--mark); }
svg .word.two { fill: var(--two); }
svg .word.three { fill: var(--three); }
@media (max-width: 40rem) {
  table { font-size: .85rem; }
  th, td { padding: .3rem .4rem; }
  th:first-child { white-space: normal; }
  tr.finer th { padding-left: .6rem; }
  td small { display: block; }
}
"""
