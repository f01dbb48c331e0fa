#pragma once

#include <string_view>

namespace reka {

/// The style sheet of every page: system fonts, eight colours that are told apart in light and
/// dark.
inline constexpr std::string_view kPageStyle = R"css(
:root{color-scheme:light dark;--paper:#fff;--ink:#1c1f23;--soft:#5d6570;--rule:#dfe3e8;--tint:#f5f7f9;
--c0:#2563c9;--c1:#d9660b;--c2:#0f8a7e;--c3:#b83280;--c4:#97700a;--c5:#6d4bc3;--c6:#3b8132;--c7:#c9372c}
@media(prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e4e8ec;--soft:#9aa4af;--rule:#31373e;--tint:#1d2126;
--c0:#6aa5ff;--c1:#ff9d52;--c2:#45c9ba;--c3:#f07dbb;--c4:#e3b93c;--c5:#b095ff;--c6:#85c96f;--c7:#ff8078}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 1.25rem 4rem;max-width:62rem;background:var(--paper);color:var(--ink);
font:16px/1.55 system-ui,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1{font-size:1.9rem;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:1.3rem;margin:2.75rem 0 .75rem;padding-top:.75rem;border-top:1px solid var(--rule)}
h3{font-size:1.05rem;margin:1.75rem 0 .5rem}
p{margin:.6rem 0;max-width:46rem}
a{color:var(--c0);text-decoration:none}a:hover{text-decoration:underline}
.subtitle,.note,.none,.unit,figcaption .unit{color:var(--soft)}
.subtitle{margin:.35rem 0 0}.note{font-size:.85rem}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:1.1rem 0 0;font-size:.9rem}
pre{background:var(--tint);border-radius:8px;padding:.8rem 1rem;overflow-x:auto;
font:13px/1.5 ui-monospace,"SF Mono",Menlo,"DejaVu Sans Mono",monospace}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:.75rem;margin:1.2rem 0}
.card{background:var(--tint);border-radius:10px;padding:.75rem .95rem}
.card .k{font-size:.8rem;color:var(--soft)}
.card .v{font-size:1.45rem;line-height:1.3;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.card .d{font-size:.8rem;color:var(--soft)}
.wide{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--soft);font-size:.85rem;padding-bottom:.4rem}
th,td{text-align:left;padding:.32rem .9rem .32rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
th{font-weight:600;white-space:nowrap}
.n{text-align:right;white-space:nowrap}
tbody tr:hover{background:var(--tint)}
figure{margin:0}
.chart{margin:1.4rem 0}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(22rem,100%),1fr));gap:0 1.8rem;align-items:end}
.charts .chart{margin:.8rem 0;min-width:0}
figcaption{font-weight:600;font-size:.95rem}
figcaption .unit{font-weight:400;margin-left:.6em}
svg{display:block;overflow:visible;width:100%;height:auto;margin-top:.3rem}
svg text{font-size:12px;fill:var(--soft)}
.tick{font-variant-numeric:tabular-nums}
.grid{stroke:var(--rule);stroke-width:1;fill:none}
.axis{stroke:var(--soft);stroke-width:1;fill:none}
.c0{--c:var(--c0)}.c1{--c:var(--c1)}.c2{--c:var(--c2)}.c3{--c:var(--c3)}
.c4{--c:var(--c4)}.c5{--c:var(--c5)}.c6{--c:var(--c6)}.c7{--c:var(--c7)}
.line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.line.dashed{stroke-dasharray:6 4}
.line.faint{stroke-width:1;opacity:.3}
.band{fill:var(--c);opacity:.15}
.point{fill:var(--c)}
.hit{fill:transparent}.hit:hover{fill:var(--c)}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.1rem;font-size:.85rem;margin:.2rem 0}
.legend span{display:flex;align-items:center;gap:.4rem}
.legend i{width:1.1rem;height:0;border-top:3px solid var(--c);border-radius:2px}
.legend .dashed i{border-top-style:dashed}
.bars{display:grid;grid-template-columns:minmax(4rem,max-content) 1fr;gap:.5rem .9rem;margin:.6rem 0;font-size:.88rem}
.name{align-self:center;text-align:right;overflow-wrap:anywhere;max-width:16rem}
.track{position:relative;margin-right:9rem;align-self:center}
.bar{position:relative;height:1.15rem}
.bar+.bar{margin-top:2px}
.bar i{position:absolute;top:.1rem;bottom:.1rem;left:0;min-width:1px;background:var(--c);border-radius:0 3px 3px 0;opacity:.85}
.bar b{position:absolute;top:50%;height:0;border-top:1.5px solid var(--ink)}
.bar b::before,.bar b::after{content:"";position:absolute;top:-.28rem;height:.5rem;border-left:1.5px solid var(--ink)}
.bar b::after{right:0}
.bar span{position:absolute;top:-.1rem;padding-left:.45rem;white-space:nowrap;color:var(--soft);font-variant-numeric:tabular-nums}
.track u{position:absolute;top:-.15rem;bottom:-.15rem;border-left:1.5px dashed var(--ink);z-index:1}
.note u{display:inline-block;height:.9em;border-left:1.5px dashed var(--ink);vertical-align:-.1em;margin-right:.3em}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:1.2rem;margin:1.2rem 0}
.figures figure{font-size:.85rem;min-width:0}
.figures img,.figures video{display:block;max-width:100%;border-radius:6px;background:var(--tint);margin-bottom:.4rem}
.figures audio{display:block;width:100%;margin-bottom:.4rem}
.figures figcaption{font-size:.88rem;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:0 .6rem;margin:.2rem 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
details{margin:1rem 0}summary{cursor:pointer;color:var(--c0)}
@media print{body{max-width:none;padding:0}.chart,.card,figure{break-inside:avoid}}
)css";

}  // namespace reka
