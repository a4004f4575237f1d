"""An article's page in the markup of the CMS: the English site's and the Chinese site's template."""
# ruff: noqa: E501  markup has long lines

from __future__ import annotations

from html import escape

from csu_news.replica.chance import mix
from csu_news.replica.expect import has_breadcrumb
from csu_news.replica.furniture import Furniture
from csu_news.replica.media import download_path
from csu_news.replica.model import ReplicaSite, Section
from csu_news.replica.replies import Fixed
from csu_news.replica.story import Story
from csu_news.replica.texts import Paragraph, english_date
from csu_news.replica.words import UNIVERSITY

_HOOKS = ("vsb_content", "vsb_content_2", "vsb_content_501", "vsb_content_2895_u81")
_CUT = 22  # characters of a Chinese neighbour's title that the link shows


def article_page(
    site: ReplicaSite, number: int, part: int, furniture: Furniture, dynamic: bool = False
) -> tuple[str | Fixed, ...]:
    """Return part `part` (0 is the first) of an article; dynamic: as content.jsp prints it."""
    story, section = site.story(number), site.section_of(number)
    news_id, draw = site.calendar.id_of(number), mix(site.seed, number)
    title, university = escape(story.title, quote=False), UNIVERSITY[site.tongue]
    top = (
        f"{BOM if draw % 3 == 0 else ''}{_DOCTYPE}<HTML><HEAD><TITLE>{title}-{university}</TITLE>"
        f'<META Name="keywords" Content="{university},{section.name},{escape(story.title)}" />\n'
        f'<META Name="description" Content="{_description(story)}" />\n'
    )
    content = (
        _language_link(site, number),
        '<DIV class="main">\n',
        _breadcrumb(site, number, section, "" if dynamic else "../../"),
        f'{_FORM}<h1 align="center" class="contitle">{title}</h1>\n',
        (_english_meta, _chinese_meta)[site.tongue](site, story, news_id),
        _body(site, story, part, draw, site.picture_host(number)),
        _part_links(site, story, news_id, part),
        _file_lines(site, story),
        _chain(site, number, dynamic),
        _CLOSE[site.tongue],
        "</div>\n</form>\n</DIV>\n",
        side_bar(site, number),
    )
    return furniture.around(top, f"{section.column_id},'/content.jsp',{news_id}", "".join(content))


BOM = "\ufeff"
_DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
_FORM = """<form name="_newscontent_fromname">
<script language="javascript" src="/system/resource/js/news/newscontent.js"></script><script language="javascript" src="/system/resource/js/ajax.js"></script>
<div>
"""
_CLOSE = (
    "<div class=\"close\"><a href=\"javascript:window.opener=null;window.open('','_self');window.close();\">close</a></div>\n",
    "<p align=\"right\">【<a href=\"javascript:window.opener=null;window.open('','_self');window.close();\">关闭</a>】</p>\n",
)


def _description(story: Story) -> str:
    return escape(story.parts[0][0].text[:120]) if story.parts[0] else ""


def _language_link(site: ReplicaSite, number: int) -> str:
    """Return the link to the same article in the other language, or to that site's home page."""
    other, partner = site.linked_counterpart(number), site.partner
    base = partner.base_url.rstrip("/") if partner else f"http://{('zh', 'en')[site.tongue]}.replica.invalid"
    path = partner.path_of(other) if partner and other is not None else "/"
    return f'<DIV class="lang"><a href="{base}{path}">{("中文版", "English")[site.tongue]}</a></DIV>\n'


def _breadcrumb(site: ReplicaSite, number: int, section: Section, root: str) -> str:
    if not has_breadcrumb(site, number):
        return '<DIV class="position"><h2>News Content</h2></DIV>\n'
    here, home, end = (("Your location now is", "Home", "Content"), ("当前位置", "首页", "正文"))[site.tongue]
    return (
        f'<DIV class="position">{here}: <a href="{root}index.htm">{home}</a> &gt; '
        f'<a href="{root}{section.path}.htm">{section.name}</a> &gt; {end}</DIV>\n'
    )


def _english_meta(site: ReplicaSite, story: Story, news_id: int) -> str:
    clicks = f'<script>_showDynClicks("wbnews", {site.owner}, {news_id})</script>'
    return f'<div align="center" class="time">{english_date(story.published)}<span>Click:{clicks}</span></div>\n'


def _chinese_meta(site: ReplicaSite, story: Story, news_id: int) -> str:
    clicks = f'<script>_showDynClicks("wbnews", {site.owner}, {news_id})</script>'
    source = "、".join(story.sources) if news_id % 2 else " ".join(story.sources)
    return (
        f'<div align="center" class="time">来源：{source}&nbsp;&nbsp;&nbsp;'
        f"发布时间：{story.published:%Y年%m月%d日 %H:%M}&nbsp;&nbsp;&nbsp;点击数：<span>{clicks}</span></div>\n"
    )


def _body(site: ReplicaSite, story: Story, part: int, draw: int, host: str) -> str:
    hook = _HOOKS[(draw >> 9) % len(_HOOKS)]
    pieces = [f'<div id="{hook}"><div class="v_news_content">\n']
    if part == 0:
        pieces += [_picture(*pair, host) for pair in zip(story.images, story.originals, strict=True)]
    paragraphs = story.parts[part]
    pieces += [_paragraph(paragraph, n, site.tongue) for n, paragraph in enumerate(paragraphs)]
    if site.tongue == 0 and story.sources and part == len(story.parts) - 1:
        label = "Sources" if len(story.sources) > 1 else "Source"
        pieces.append(f'<p class="vsbcontent_end">{label}: {escape(", ".join(story.sources))}</p>\n')
    if story.pdf:
        pieces.append(
            f'<p><script language="javascript" src="/system/resource/js/pdfjs.js"></script><script>'
            f'showVsbpdfIframe("{story.pdf}","100%","600","0","",[]);</script></p>\n'
        )
    pieces.append('</div></div><div id="div_vote_id"></div>\n')
    return "".join(pieces)


def _picture(path: str, original: str | None, host: str) -> str:
    source = f' orisrc="{original}"' if original else ""
    return (
        '<p class="vsbcontent_img" style="text-align: center">'
        f'<img width="600" src="{host}{path}" vsbhref="vurl" vurl="{path}" vheight="" vwidth="600"{source} class="img_vsb_content"></p>\n'
    )


def _paragraph(paragraph: Paragraph, place: int, tongue: int) -> str:
    text = escape(paragraph.text, quote=False)
    if paragraph.kind == "heading":
        return f'<p><strong><span style="font-size: 16px;font-family: 宋体">{text}</span></strong></p>\n'
    if paragraph.kind == "table":
        return _table(paragraph)
    if place == 0:
        return f'<p class="vsbcontent_start">{text}</p>\n'
    if place % 3 == 1:  # pasted from a word processor: words joined by spans, no space between the tags
        head, gap, tail = text.partition(" ")
        space = "<span style=\"font-family: 'Times New Roman'\">&nbsp;</span>" if gap else ""
        style = "font-family: 宋体;font-size: 16px;line-height: 150%"
        return f'<p style="text-indent: 2em;line-height: 150%"><span style="{style}">{head}</span>{space}<span lang="EN-US" style="{style}">{tail}</span></p>\n'
    return f'<p style="text-indent: 2em">{text if tongue == 0 else "　　" + text}</p>\n'


def _table(paragraph: Paragraph) -> str:
    rows = "\n".join(
        "<tr>" + "".join(f'<td valign="top"><p>{escape(cell, quote=False)}</p></td>' for cell in row) + "</tr>"
        for row in paragraph.rows
    )
    return f'<table border="1" cellspacing="0" width="90%"><tbody>\n{rows}\n</tbody></table>\n'


def _part_links(site: ReplicaSite, story: Story, news_id: int, part: int) -> str:
    if len(story.parts) == 1:
        return ""
    names = [f"{news_id}.htm", *(f"{news_id}_{n}.htm" for n in range(1, len(story.parts)))]
    links = [f"[{n}]" if n == part + 1 else f'<a href="{name}">[{n}]</a>' for n, name in enumerate(names, 1)]
    if part + 1 < len(names):
        links.append(f'<a href="{names[part + 1]}">{("Next page", "下一页")[site.tongue]}</a>')
    return f'<div align="center" class="pages">{"&nbsp;".join(links)}</div>\n'


def _file_lines(site: ReplicaSite, story: Story) -> str:
    if not story.files:
        return ""
    lines = "".join(
        f'<li>附件【<a href="{download_path(site.owner, file.file_id)}" '
        f'target="_blank">{file.name}</a>】已下载<span id="nattach{file.file_id}"><script language="javascript">'
        f'getClickTimes({file.file_id},{site.owner},"wbnewsfile","attach")</script></span>次</li>\n'
        for file in story.files
    )
    return f'<p>\n<UL style="list-style-type:none;">\n{lines}</UL>\n</p>\n'


def _chain(site: ReplicaSite, number: int, dynamic: bool) -> str:
    labels = (("The prev article:", "The next article:"), ("上一条：", "下一条："))[site.tongue]
    links = "".join(
        f"<p>{label}{_chain_link(site, neighbour, dynamic)}</p>\n"
        for label, neighbour in zip(labels, site.order.neighbours(number), strict=True)
        if neighbour is not None
    )
    return f'<div align="left" class="chain">\n{links}</div>\n'


def _chain_link(site: ReplicaSite, number: int, dynamic: bool) -> str:
    news_id, title = site.calendar.id_of(number), site.title(number)
    href = f"{news_id}.htm"
    if dynamic:
        href = (
            f"content.jsp?urltype=news.NewsContentUrl&wbtreeid={site.section_of(number).column_id}&wbnewsid={news_id}"
        )
    if site.tongue == 0 or len(title) <= _CUT:
        return f'<a href="{href}">{escape(title, quote=False)}</a>'
    return f'<a href="{href}" title="{escape(title)}">{escape(title[:_CUT], quote=False)}...</a>'


def side_bar(site: ReplicaSite, number: int) -> str:
    """Return the list of much read articles with click numbers: noise beside the article."""
    draw = mix(site.seed, next(site.ticks)) if site.noise else mix(site.seed ^ 0x6D, number)
    rows = []
    for place in range(6):
        hot = mix(draw, place) % site.first_size
        title = site.title(hot)
        rows.append(
            f'<li id="line_u9_{place}"><a href="{site.path_of(hot)}" title="{escape(title)}">'
            f"{escape(title[:30], quote=False)}...</a><em>{draw >> place & 8191}</em></li>\n"
        )
    return (
        f'<DIV class="side">\n<h3>{("Most read", "点击排行")[site.tongue]}</h3>\n<ul>\n{"".join(rows)}</ul>\n</DIV>\n'
    )
