"""List pages: numbers fall, page 1 is the newest, `/1.htm` the oldest, as the CMS writes them.

Numbered files hold fixed slices counted from the oldest article, so that old files stay as they
are; the first page shows the newest rows. What the first page already shows of the file after it
is there with `style="display:none"`.
"""
# ruff: noqa: E501  markup has long lines

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from csu_news.replica.article import side_bar
from csu_news.replica.furniture import Furniture
from csu_news.replica.model import ReplicaSite
from csu_news.replica.replies import Fixed
from csu_news.replica.words import UNIVERSITY


@dataclass(frozen=True, slots=True)
class ListPage:
    """Page `page` of `pages`: the places of its rows, newest is 0; the first `hidden` of them are not shown."""

    page: int
    pages: int
    start: int
    stop: int
    hidden: int
    total: int


def page_count(site: ReplicaSite, column: int) -> int:
    return max(1, -(-site.order.count(column) // site.rows_per_page))


def list_page(site: ReplicaSite, column: int, file_number: int | None) -> ListPage | None:
    """Return what the column's file shows: None is the first page, 1 the oldest; None for a file that is not."""
    count, rows, pages = site.order.count(column), site.rows_per_page, page_count(site, column)
    if file_number is None:
        return ListPage(1, pages, 0, min(rows, count), 0, count)
    if not 1 <= file_number < pages:
        return None
    stop = count - (file_number - 1) * rows
    start = max(0, stop - rows)
    total = count
    if site.stale_lists and file_number < pages - 1:  # made when the file after it was not yet full
        total = min(count, (file_number + 1) * rows + file_number % rows)
    return ListPage(pages - file_number + 1, pages, start, stop, max(0, rows - start), total)


def listing_page(site: ReplicaSite, column: int, shown: ListPage, furniture: Furniture) -> tuple[str | Fixed, ...]:
    """Return the page as pieces of HTML."""
    section, university = site.sections[column], UNIVERSITY[site.tongue]
    pager = (_old_pager, _new_pager)[site.tongue](section.path, shown)
    top = (
        f"<!DOCTYPE html>\n<HTML><HEAD><TITLE>{section.name}-{university}</TITLE>"
        f'<META Name="keywords" Content="{university},{section.name}" />\n'
    )
    content = (
        f'<DIV class="main">\n<h2>{section.name}</h2>\n<ul class="list">\n'
        f"{_rows(site, column, shown, '../' if shown.page > 1 else '')}</ul>\n{pager}</DIV>\n"
        f"{side_bar(site, column)}"
    )
    return furniture.around(top, f"{section.column_id},'/list.jsp',-1", content)


def _rows(site: ReplicaSite, column: int, shown: ListPage, root: str) -> str:
    out = []
    for place, number in enumerate(site.order.newest_first(column, shown.start, shown.stop)):
        title = site.title(number)
        hidden = ' style="display:none"' if place < shown.hidden else ""
        cut = escape(title if len(title) <= 60 else title[:60] + "...", quote=False)
        out.append(
            f'<li id="line_u5_{place}"{hidden}><a href="{root}{site.path_of(number)[1:]}" target="_blank" '
            f'title="{escape(title)}">{cut}</a><span>{site.published(number):%Y-%m-%d}</span></li>\n'
        )
    return "".join(out)


def _href(path: str, shown: ListPage, page: int) -> str:
    """Return the address of page `page`, relative to the page that is shown."""
    name = path.rsplit("/", 1)[-1]
    if page == 1:
        return f"../{name}.htm"
    number = shown.pages - page + 1
    return f"{number}.htm" if shown.page > 1 else f"{name}/{number}.htm"


def _old_pager(path: str, shown: ListPage) -> str:
    """Return the older pager: 共113条  1/6, 首页 上页 下页 尾页."""
    printed = max(1, -(-shown.total // max(1, shown.stop - shown.start))) if shown.page > 1 else shown.pages
    at = min(shown.page, printed)
    up = (
        f'<a href="{_href(path, shown, 1)}" class="Prev">首页</a><a href="{_href(path, shown, shown.page - 1)}" class="Prev">上页</a>'
        if shown.page > 1
        else '<span class="PrevDisabled">首页</span><span class="PrevDisabled">上页</span>'
    )
    down = (
        f'<a href="{_href(path, shown, shown.page + 1)}" class="Next">下页</a><a href="{_href(path, shown, shown.pages)}" class="Next">尾页</a>'
        if shown.page < shown.pages
        else '<span class="NextDisabled">下页</span><span class="NextDisabled">尾页</span>'
    )
    return (
        '<table cellspacing="0" class="headStyle19d9vy2y1f" width="100%" cellpadding="1"><tr valign="middle">'
        f'<TD nowrap align="left" width="1%" id="fanye159415">共{shown.total}条&nbsp;&nbsp;{at}/{printed}&nbsp;</td>'
        f'<td nowrap align="left"><div>{up}{down}&nbsp;&nbsp;<input align="absmiddle" type="button" class="defaultButtonStyle" '
        'id="gotopagebut" value="转到" onclick="javascript:a159415_gopage_fun()"><INPUT size="2" NAME="a159415GOPAGE" VALUE="">页</div>'
        "</td></tr></table>\n"
    )


def _new_pager(path: str, shown: ListPage) -> str:
    """Return the newer pager: 共8510条, numbers with gaps, 下页 尾页."""
    first, last = shown.page == 1, shown.page == shown.pages
    parts = [
        f'<span class="p_t">共{shown.total}条</span> <span class="p_t">{shown.page}/{shown.pages}</span> <span class="p_pages">'
    ]
    for name, label, off, page in (("first", "首页", first, 1), ("prev", "上页", first, shown.page - 1)):
        parts.append(_button(name, label, off, path, shown, page))
    for number in _numbers(shown):
        if number is None:
            parts.append('<span class="p_dot">...</span>')
        elif number == shown.page:
            parts.append(f'<span class="p_no_d">{number}</span>')
        else:
            parts.append(f'<span class="p_no"><a href="{_href(path, shown, number)}">{number}</a></span>')
    for name, label, off, page in (
        ("next", "下页", last, shown.page + 1),
        ("last", "尾页", last, shown.pages),
    ):
        parts.append(_button(name, label, off, path, shown, page))
    return f'<div class="pb_sys_common pb_sys_normal pb_sys_style1" style="text-align:center;">{"".join(parts)}</span></div>\n'


def _button(name: str, label: str, off: bool, path: str, shown: ListPage, page: int) -> str:
    if off:
        return f'<span class="p_{name}_d p_fun_d">{label}</span>'
    return f'<span class="p_{name} p_fun"><a href="{_href(path, shown, page)}">{label}</a></span>'


def _numbers(shown: ListPage) -> list[int | None]:
    """Return the page numbers the pager prints; None is a gap."""
    near = sorted({1, shown.pages, *(p for p in range(shown.page - 2, shown.page + 3) if 1 <= p <= shown.pages)})
    out: list[int | None] = []
    for page, before in zip(near, (near[0], *near), strict=False):
        if page - before > 1:
            out.append(None)
        out.append(page)
    return out
