"""The look of all pages that are read without Slack: on a screen, light or dark, from 320 pixels up, and on A4."""

LOOK = """
:root { color-scheme: light dark; --ink: #17191c; --soft: #5b616b; --line: #d5d9df; --paper: #fff; --link: #0b5cad;
  --urgent: #b3261e; --action: #0b6e4f; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #eceef1; --soft: #aab0b9; --line: #3d434b;
  --paper: #15181b; --link: #8fc1f5; --urgent: #ff8a80; --action: #17805f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; color: var(--ink); background: var(--paper);
  font: 10pt/1.5 "Noto Sans", "Segoe UI", "Helvetica Neue", Arial, "Noto Sans CJK SC", "Noto Sans SC",
  "Microsoft YaHei", "PingFang SC", sans-serif; }
:lang(zh) body, body:lang(zh) { font-family: "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC",
  "Helvetica Neue", Arial, sans-serif; }
header { border-bottom: 2pt solid var(--ink); padding-bottom: 4mm; margin-bottom: 6mm; }
h1 { font-size: 20pt; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
a { color: var(--link); white-space: nowrap; }
.short { white-space: nowrap; overflow-wrap: normal; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
"""
"""What all of them share: colours, letters, the title, and where the keyboard is."""
DOCUMENT = (
    f"""{LOOK}
@page {{ size: A4; margin: 16mm 15mm 18mm;
  @bottom-right {{ content: counter(page) " / " counter(pages); font: 8pt sans-serif; color: #5b616b; }} }}
"""
    + """
body { max-width: 180mm; padding: 12mm 0; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
header p { margin: 1mm 0 0; color: var(--soft); }
header p.about { color: var(--ink); font-size: 13pt; overflow-wrap: anywhere; }
h2 { font-size: 12pt; margin: 7mm 0 1.5mm; break-after: avoid; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 3mm; }
.tile { border: .6pt solid var(--line); border-radius: 2mm; padding: 2.5mm 3mm; break-inside: avoid; }
.tile b { display: block; font-size: 20pt; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile b.long { font-size: 13pt; line-height: 24pt; white-space: nowrap; }
.tile span { display: block; }
.tile small { display: block; color: var(--soft); font-size: 8.5pt; min-height: 1.5em; }
.beside { display: grid; grid-template-columns: 4fr 5fr; gap: 0 8mm; align-items: start; }
.beside h2 { margin-top: 5mm; }
.beside .number { white-space: normal; }
.beside td:first-child { white-space: nowrap; }
.bare { border-top: 1pt solid var(--ink); }
figure { margin: 5mm 0 0; break-inside: avoid; }
figure + section { margin-top: 4mm; }
svg { display: block; width: 100%; height: auto; }
table { width: 100%; border-collapse: collapse; font-size: 9pt; line-height: 1.4; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 1pt solid var(--ink); }
th, td { padding: 1mm 2mm; vertical-align: top; overflow-wrap: anywhere; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
td { border-bottom: .5pt solid var(--line); }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th.number { white-space: normal; overflow-wrap: normal; }
.time { word-break: keep-all; }
tr.total td { font-weight: 600; border-bottom: 1pt solid var(--ink); }
tr.urgent td { color: var(--urgent); font-weight: 600; }
.on-paper { display: none; }
.text p { margin: 0 0 2mm; white-space: pre-line; overflow-wrap: anywhere; }
.empty, .more { color: var(--soft); margin: 1mm 0 0; }
footer { margin-top: 6mm; padding-top: 2mm; border-top: .6pt solid var(--line); color: var(--soft); font-size: 8.5pt;
  break-inside: avoid; }
footer p { margin: 0 0 1mm; }
@media screen {
  .contact a { display: inline-flex; align-items: center; min-height: 46px; margin: 1px 0; padding: 0 14px;
    border: 1px solid var(--line); border-radius: 10px; font-size: 11pt; font-weight: 600; text-decoration: none; }
  .between { display: none; }
  tr:has(.contact a) td { vertical-align: middle; }
}
@media screen and (max-width: 190mm) {
  body { padding: 8mm 4mm; } .tiles { grid-template-columns: repeat(2, 1fr); } .beside { display: block; }
  section { overflow-x: auto; } td.text { min-width: 8.5em; }
  .beside td:first-child { white-space: normal; }
  .contact a { margin: 3px 0; padding: 0 18px; font-size: 13.5pt; }
  .stacked thead, .stacked td:empty, .flowing td:empty { display: none; }
  .stacked tr { display: block; padding: 2.5mm 0; border-bottom: .5pt solid var(--line); }
  .stacked td { display: block; padding: 0; border: 0; font-size: 11pt; }
  .stacked td:first-child { color: var(--soft); font-weight: 600; }
  .stacked td:nth-child(2) { margin-bottom: 3px; font-size: 14pt; line-height: 1.3; font-weight: 600; }
  .stacked td.time::before { content: attr(data-label) "\\a0"; color: var(--soft); }
  .flowing thead { display: none; }
  .flowing tr { display: block; padding: 1.5mm 0; border-bottom: .5pt solid var(--line); font-size: 11pt; }
  .flowing td { display: inline; padding: 0; border: 0; } .flowing td:first-child { font-weight: 600; }
  .flowing td:not(:last-child)::after { content: "\\a0· "; }
  .flowing td.contact, .flowing td.step { display: block; }
  .flowing td:has(+ .contact)::after, .flowing td:has(+ .step)::after { content: none; }
  .flowing td.reference::before { content: attr(data-label) "\\a0"; }
}
@media print { body { max-width: none; padding: 0; } a { color: inherit; text-decoration: none; }
  .contact a { font-weight: 600; } .on-paper { display: block; } .on-screen { display: none; } }
"""
)
"""A page to print."""
COMPACT = """
@page { margin: 11mm 15mm; @bottom-right { content: none; } }
@media print {
  body { padding: 0; } header { padding-bottom: 2mm; margin-bottom: 3mm; } h1 { font-size: 16pt; }
  h2 { font-size: 11pt; margin: 3.5mm 0 .5mm; } th, td { padding: .5mm 2mm; } table { line-height: 1.3; }
  .empty, .more { font-size: 8.5pt; line-height: 1.3; } footer { margin-top: 3mm; padding-top: 1mm; }
}
@media screen and (max-width: 190mm) { table, header p, .more, .empty { font-size: 11pt; } footer { font-size: 10pt; } }
"""
"""What makes a page to print denser on paper, so that it takes one page, and larger on a phone."""
LETTER = f"""{LOOK}
body {{ max-width: 34rem; padding: 8mm 4mm; font-size: 13.5pt; }}
p {{ margin: 0 0 4mm; overflow-wrap: anywhere; }}
p + header, form + header {{ margin-top: 12mm; }}
code {{ font-family: ui-monospace, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace; font-size: 12pt; }}
.note {{ color: var(--soft); font-size: 11.5pt; }}
.wrong {{ color: var(--urgent); font-weight: 600; }}
label {{ display: block; margin: 6mm 0 2mm; font-weight: 600; }}
input, button {{ width: 100%; min-height: 56px; font: inherit; border-radius: 10px; }}
input {{ padding: 0 1rem; font-size: 18pt; letter-spacing: .15em; border: 2px solid var(--soft); color: inherit;
  background: transparent; }}
button {{ margin-top: 4mm; padding: 2mm 4mm; border: 0; color: #fff; background: var(--action); font-weight: 700;
  overflow-wrap: anywhere; }}
.empty {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
"""
"""A page for the screen with a few lines, and perhaps a form of one button."""
