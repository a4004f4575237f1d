"""What every page of a site carries around its content: head, menu, search form, footer.

Built once for each prefix (`../../` for articles, `../` for further list pages, `` for the root).
"""
# ruff: noqa: E501  markup has long lines

from __future__ import annotations

from dataclasses import dataclass

from csu_news.replica.replies import Fixed
from csu_news.replica.words import UNIVERSITY

STYLE = """/* replica */
body { margin: 0; font: 16px/1.7 Georgia, "Songti SC", SimSun, serif; color: #222; background: #f4f2ee; }
.wrap { width: 1000px; margin: 0 auto; background: #fff; }
#nav ul { list-style: none; display: flex; gap: 24px; padding: 8px 24px; margin: 0; background: #14532d; }
#nav a { color: #fff; text-decoration: none; }
.main { float: left; width: 680px; padding: 16px 24px; } .side { float: right; width: 220px; padding: 16px; }
.v_news_content img { max-width: 100%; } .foot { clear: both; padding: 16px 24px; font-size: 13px; color: #666; }
"""
SCRIPTS = {
    "/system/resource/js/counter.js": "function _jsq_(tree, page, id, owner) {}\n",
    "/system/resource/js/dynclicks.js": "function _showDynClicks(type, owner, id) {}\nfunction _addDynClicks() {}\n"
    "function _showDynClickBatch(names, ids, type, owner) {}\nfunction getClickTimes(id, owner, type, name) {}\n",
    "/system/resource/js/openlink.js": "function openlink(url) { window.open(url); }\n",
    "/system/resource/js/base64.js": "function Base64() { this.encode = function (s) { return btoa(s); }; }\n",
    "/system/resource/js/formfunc.js": "function VsbFormFunc() { this.disableAutoEnable = function () {}; }\n",
    "/system/resource/js/news/newscontent.js": "function vsbNews() {}\n",
    "/system/resource/js/ajax.js": "function vsbAjax() {}\n",
    "/system/resource/js/vsbscreen.min.js": "(function () {})();\n",
}


@dataclass(frozen=True, slots=True)
class Furniture:
    """`head` stands in the head, `menu` begins the body, `foot` ends the page."""

    head: Fixed
    menu: Fixed
    foot: Fixed
    owner: int

    def around(self, top: str, jsq: str, content: str) -> tuple[str | Fixed, ...]:
        """Return the pieces of a page; jsq is what the page counter is told, but the owner."""
        counter = f'<script type="text/javascript">_jsq_({jsq},{self.owner})</script>\n</HEAD>\n'
        return top, self.head, counter, self.menu, content, self.foot


_MENU = (
    (("index.htm", "Home"), ("About.htm", "About"), ("News.htm", "News"), ("Academics.htm", "Academics"),
     ("Research.htm", "Research"), ("Admission.htm", "Admission"), ("CampusLife.htm", "Campus Life")),
    (("index.htm", "首页"), ("xxgk.htm", "学校概况"), ("zhxw.htm", "综合新闻"), ("xsdt.htm", "学术动态"),
     ("kxyj.htm", "科学研究"), ("zsjy.htm", "招生就业"), ("xysh.htm", "校园生活")),
)  # fmt: skip
_LINKS = (
    (
        ("Library", 101),
        ("Journal of River Studies", 102),
        ("Alumni Association", 103),
        ("Visit the Campus", 104),
    ),
    (("图书馆", 201), ("江湖研究学报", 202), ("校友会", 203), ("校园参观", 204)),
)
_SEARCH = ("Please enter a keyword", "请输入你要检索的内容！")
_FOOT = (
    "Address: 18 Lakeside Road, Yuelin&nbsp;&nbsp;Postcode: 410000&nbsp;&nbsp;Tel: 0000-8800000",
    "地址：岳麟市湖畔路18号&nbsp;&nbsp;邮编：410000&nbsp;&nbsp;电话：0000-8800000",
)


def build(tongue: int, root: str, owner: int) -> Furniture:
    """Return the furniture of a language for pages that reach the root by that prefix."""
    menu = "\n".join(_menu_item(root, path, name, n) for n, (path, name) in enumerate(_MENU[tongue], 1))
    links = "\n".join(
        f'<LI><a href="http://links.invalid/{number}/" title="" '
        f'onclick="_addDynClicks(&#34;wburl&#34;, {owner}, {number})">{name}</a></LI>'
        for name, number in _LINKS[tongue]
    )
    title = UNIVERSITY[tongue]
    return Furniture(
        head=Fixed(_HEAD.format(root=root).encode()),
        menu=Fixed(_TOP.format(root=root, title=title, menu=menu, alert=_SEARCH[tongue]).encode()),
        foot=Fixed(_BOTTOM.format(root=root, title=title, links=links, foot=_FOOT[tongue], owner=owner).encode()),
        owner=owner,
    )


def _menu_item(root: str, path: str, name: str, number: int) -> str:
    return f'<LI id="mainlevel_0{number}" class="mainlevel"><a href="{root}{path}" title="{name}">{name}</a></LI>'


_HEAD = """<META content="text/html; charset=UTF-8" http-equiv="Content-Type">
<META content="webkit|ie-comp|ie-stand" http-equiv="X-UA-Compatible">
<meta name="viewport" content="width=device-width, initial-scale=1">
<LINK rel="stylesheet" type="text/css" href="{root}style/css.css">
<SCRIPT type="text/javascript" src="{root}js/slide.js"></SCRIPT>

<!--Announced by Visual SiteBuilder 9-->
<link rel="stylesheet" type="text/css" href="{root}_sitegray/_sitegray_d.css" />
<script language="javascript" src="{root}_sitegray/_sitegray.js"></script>
<!-- CustomerNO:77656262657232307265706c69636100000000 -->
<link rel="stylesheet" type="text/css" href="{root}content.vsb.css" />
<script type="text/javascript" src="/system/resource/js/vsbscreen.min.js" id="_vsbscreen" devices="pc|mobile|pad"></script>
<script type="text/javascript" src="/system/resource/js/counter.js"></script>
"""

_TOP = """<BODY>
<DIV class="wrap">
<DIV class="head"><DIV class="logo"><!-- 网站logo图片地址请在本组件"内容配置-网站logo"处填写 -->
<a href="{root}index.htm" title="{title}"><img src="{root}images/logo.png" width="320" height="64" border="0" alt="{title}" title="{title}"></a></DIV>
<DIV class="search"><script type="text/javascript">
    function _nl_ys_check(){{
        var keyword = document.getElementById('showkeycode159377').value;
        if(keyword==null||keyword==""){{
            alert("{alert}");
            return false;
        }}
        if(window.toFF==1)
        {{
            document.getElementById("lucenenewssearchkey159377").value = Simplized(keyword);
        }}else
        {{
            document.getElementById("lucenenewssearchkey159377").value = keyword;
        }}
        var  base64 = new Base64();
        document.getElementById("lucenenewssearchkey159377").value = base64.encode(document.getElementById("lucenenewssearchkey159377").value);
        new VsbFormFunc().disableAutoEnable(document.getElementById("showkeycode159377"));
        return true;
    }}
</script>
<form action="{root}search.jsp?wbtreeid=1001" method="post" id="au2a" name="au2a" onsubmit="return _nl_ys_check()" style="display: inline">
<input type="hidden" id="lucenenewssearchkey159377" name="lucenenewssearchkey" value=""><input type="hidden" id="_lucenesearchtype159377" name="_lucenesearchtype" value="1"><input type="hidden" id="searchScope159377" name="searchScope" value="0">
<INPUT name="showkeycode" id="showkeycode159377"><INPUT src="{root}images/search.png" type="image" width="40">
</form><script language="javascript" src="/system/resource/js/base64.js"></script><script language="javascript" src="/system/resource/js/formfunc.js"></script></DIV>
</DIV>
<DIV id="nav"><UL>
{menu}
</UL></DIV>
"""

_BOTTOM = """<DIV class="foot">
<script language="javascript" src="/system/resource/js/dynclicks.js"></script><script language="javascript" src="/system/resource/js/openlink.js"></script>
<UL class="yqlink">
{links}
</UL>
<P><!-- 版权内容请在本组件"内容配置-版权"处填写 -->{foot}</P>
<P>&copy; {title}. This site is invented: a replica for demonstration and tests.</P>
</DIV>
</DIV>
<DIV style="border-top: medium none;height: 0px;border-right: medium none;width: 0px;border-bottom: medium none;position: static;margin: 0px;padding: 0px">
<DIV id="trans-tooltip">
<DIV id="tip-left-top" style="background-position: 0% 0%"></DIV>
<DIV id="tip-top" style="background-position: 0% 0%"></DIV>
<DIV id="tip-right-top" style="background-position: 0% 0%"></DIV>
<DIV id="tip-right" style="background-position: 0% 0%"></DIV>
<DIV id="trans-content"></DIV></DIV>
<DIV id="tip-arrow-bottom" style="background-position: 0% 0%"></DIV>
<DIV id="tip-arrow-top" style="background-position: 0% 0%"></DIV></DIV>
<script type="text/javascript">_addDynClicks("wbsite", {owner}, 1001)</script>
</BODY></HTML>
"""
