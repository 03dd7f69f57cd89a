#include "report/html_page.h"

#include <fmt/format.h>

#include "core/base64.h"
#include "crypto/digest.h"
#include "report/clean.h"

namespace tfseal::report {
namespace {

// Light and dark by the reader's system, one column on a phone, ink on paper. Colour never says anything alone.
constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2330;--soft:#566072;--line:#d9dee7;--code:#eef1f6;
--bad:#b3261e;--bad-bg:#fdecea;--look:#8a5a00;--look-bg:#fff4dc;--good:#17692f;--good-bg:#e6f5ea;--quiet:#4a5568;--quiet-bg:#edf0f5;
--node:#e8eefb;--node-line:#7f9bd1;--edge:#97a3b8}
@media (prefers-color-scheme:dark){:root{--bg:#10141b;--card:#181e28;--ink:#e6eaf1;--soft:#9aa6b8;--line:#2c3645;--code:#222b38;
--bad:#ff9a92;--bad-bg:#3a1a19;--look:#f3c56a;--look-bg:#35290f;--good:#7ddb97;--good-bg:#15301d;--quiet:#b6c0d0;--quiet-bg:#242d3a;
--node:#1f2b44;--node-line:#5d7fc4;--edge:#566579}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
main{max-width:1120px;margin:0 auto;padding:24px 20px 64px}
h1,h2,h3{line-height:1.25;margin:0}
h2{font-size:1.2rem;margin:40px 0 12px}
h3{font-size:1rem;overflow-wrap:anywhere}
p,ul{margin:8px 0}
ul{padding-left:20px}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
a{color:inherit}
.verdict{border-radius:12px;padding:20px 24px;border:1px solid var(--line);border-left:8px solid}
.verdict h1{font-size:1.9rem;text-transform:uppercase;letter-spacing:.03em}
.verdict ul{font-size:1.05rem}
.verdict p{color:var(--soft);overflow-wrap:anywhere}
.bad{color:var(--bad);background:var(--bad-bg)}
.look{color:var(--look);background:var(--look-bg)}
.good{color:var(--good);background:var(--good-bg)}
.quiet{color:var(--quiet);background:var(--quiet-bg)}
.verdict ul,.card{color:var(--ink)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(120px,1fr));gap:12px;margin:16px 0 0;padding:0;list-style:none}
.tiles li{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:10px 14px;color:var(--soft)}
.tiles b{display:block;font-size:1.6rem;line-height:1.2;color:var(--ink);font-variant-numeric:tabular-nums}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:12px 0}
.card>p:first-of-type{margin-top:2px}
.check{border-top:1px solid var(--line);margin-top:12px;padding-top:10px}
.where,.why{color:var(--soft);font-size:.9rem}
.id{white-space:nowrap}
.fix{padding-left:12px;border-left:3px solid var(--line);overflow-wrap:anywhere}
.badge{display:inline-block;border-radius:999px;padding:0 9px;font-size:.8rem;font-weight:600;white-space:nowrap}
.scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
.scroll+.scroll{margin-top:12px}
.scroll:focus-visible{outline:2px solid var(--node-line)}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:8px 12px;border-bottom:1px solid var(--line)}
tr:last-child>td,tr:last-child>th{border-bottom:0}
thead th{color:var(--soft);font-weight:600;white-space:nowrap}
tbody th{font-weight:400;min-width:210px}
td{min-width:84px}
td.text{min-width:220px;overflow-wrap:anywhere}
td.cell{white-space:nowrap}
summary{cursor:pointer;padding:8px 0;font-weight:600}
svg{display:block;margin:8px}
svg text{font:12px ui-sans-serif,system-ui,"DejaVu Sans",sans-serif;fill:var(--ink)}
svg .soft{fill:var(--soft);font-size:11px}
svg .node{fill:var(--node);stroke:var(--node-line)}
svg .final{fill:var(--bad-bg);stroke:var(--bad);stroke-width:2}
svg .gate{fill:var(--look-bg);stroke:var(--look)}
svg .edge{fill:none;stroke:var(--edge);stroke-width:1.3}
svg .tip{fill:var(--edge)}
svg .grid{stroke:var(--line)}
footer{margin-top:48px;color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
@media (max-width:560px){main{padding:12px 12px 40px}.verdict{padding:14px 16px}.verdict h1{font-size:1.5rem}h2{margin-top:30px}
.tiles{grid-template-columns:repeat(3,1fr);gap:8px}.tiles li{padding:8px 10px;font-size:.85rem}.tiles b{font-size:1.25rem}
th,td{padding:7px 9px}tbody th{min-width:150px}}
@media print{:root{color-scheme:light;--bg:#fff;--card:#fff;--ink:#000;--soft:#333;--line:#999;--code:#fff;
--bad:#8c1d18;--bad-bg:#fff;--look:#6b4600;--look-bg:#fff;--good:#0f4d22;--good-bg:#fff;--quiet:#333;--quiet-bg:#fff;--node:#fff;--node-line:#000;--edge:#555}
body{font-size:10.5pt}main{max-width:none;padding:0}.card,tr,.tiles li{break-inside:avoid}h2,h3{break-after:avoid}
.badge{border:1px solid}.scroll{overflow:visible;border:0}svg{max-width:100%;height:auto}td,tbody th,td.text{min-width:0}td.cell{white-space:normal}
details::details-content{content-visibility:visible;block-size:auto;overflow:visible}}
)css";

}  // namespace

std::string HtmlPage(std::string_view title, std::string_view body) {
  return fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; base-uri "
      "'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
      ToBase64(Sha256Raw(kStyle)), Html(Shortened(title, 60)), kStyle, body);
}

std::string Badge(std::string_view css_class, std::string_view text) {
  return fmt::format("<span class=\"badge {}\">{}</span>", css_class, Html(text));
}

}  // namespace tfseal::report
