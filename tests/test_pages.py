"""read_page() trap by trap: each case is a line that some site prints."""

from __future__ import annotations

import pytest

from csu_news.items import Article, Gate, Listing
from csu_news.pages import page_requisites, read_page
from csu_news.sites import CSU_EN, VSB

URL = "https://en.csu.edu.cn/info/1083/2209.htm"
CLICK = '<script>_showDynClicks("wbnews", 7, 2209)</script>'


def page(
    meta: str = "", body: str = "<p>Text.</p>", after: str = "", title: str = "A Title", head: str = "", top: str = ""
) -> bytes:
    return f"""<html><head><title>{title}-Some-University</title>{head}</head><body>{top}
    <form name="_newscontent_fromname"><h1>{title}</h1><div>{meta}</div>
    <div id="vsb_content"><div class="v_news_content">{body}</div></div><div id="div_vote_id"></div>{after}
    </form></body></html>""".encode()


def article(url: str = URL, **parts: str) -> Article:
    item = read_page(page(**parts), url)
    assert isinstance(item, Article)
    return item


@pytest.mark.parametrize(
    ("meta", "date"),
    [
        ("January 8, 2020Click:", "2020-01-08"),
        ("May 7, 2020 Click:", "2020-05-07"),
        ("Time:2022-03-08 Visits:", "2022-03-08"),
        ("Feb 23,2017Click:", "2017-02-23"),
        ("Time:2018-05-02 16:16   Click:   Print", "2018-05-02T16:16:00+08:00"),
        ("By 2019-05-13 16:14:24", "2019-05-13T16:14:24+08:00"),
        ("published:2020-07-16 10:02:39 author: view:{{number}}", "2020-07-16T10:02:39+08:00"),
        ("来源:大学生通讯社 点击次数:次 发布时间:2017年05月02日 作者:杨文", "2017-05-02"),
        ("发布时间：2017年09月27日 21:32", "2017-09-27T21:32:00+08:00"),
        ("2017年9月7日", "2017-09-07"),
        ("发布日期：2023-02-05", "2023-02-05"),
        ("时间：2019-01-16 11:14:20&nbsp;&nbsp;点击：", "2019-01-16T11:14:20+08:00"),
        ("2016/09/20 16:31", "2016-09-20T16:31:00+08:00"),
        ("发布时间 : 2024-11-20", "2024-11-20"),
        ("<span>March 16</span><span>2018</span>", "2018-03-16"),
        ("2008-01-01Source:", "2008-01-01"),
        ("By Li Ming 2019-05-13 16:14:24", "2019-05-13T16:14:24+08:00"),
        ("发布时间 2019-05-13", "2019-05-13"),
        ("[2019-05-13] Tuesday", "2019-05-13"),
        ("Posted: January 8th, 2020 2:05 pm", "2020-01-08T14:05:00+08:00"),
        ("Date: 8-Jan-2020", "2020-01-08"),
        ("截止日期：2021-06-01", None),
        ("<span class='t'>2020年5月6日 12:01</span>&nbsp;<span>张三</span>", "2020-05-06T12:01:00+08:00"),
        ("Date: 8 January 2020", "2020-01-08"),
        ("<a href='#'>发布时间：</a>2021.1.13", "2021-01-13"),
        ("更新时间：2021-05-05 发布时间：2021-05-01", "2021-05-01"),
        # not all of a date, or two ways to read it
        ("Date: 08/09/2017", None),
        ("12-07", None),
        ("发布时间：3天前", None),
        ("Time:2018-02-30", None),
        ("Time:1066-10-14", None),
        ("Time:2999-01-01", None),
        ("发布时间：", None),
        ("讲座时间：2021-06-01", None),
        ("The event of May 7, 2020 was a success", None),
        ("2020-01-01 2021-01-01 点击：", None),
        ("来源：宣传部", None),
        # a label that is no date's
        ("Application deadline: 2022-01-01 Views:", None),
        ("Deadline: 2022-01-01 Views:", None),
        ("<span>Deadline:</span> <span>2022-01-01</span>", None),
        ("<dt>Deadline:</dt><dd>2022-01-01</dd>", None),
        ("Application Date: 2022-01-01 Views:", None),
        ("<b>Views: 3</b> <b>Lecture time: 2022-01-01</b>", None),
        ("Deadline: before January 8, 2022 Views:", None),
        ("报名截止：2022-01-01 点击：", None),
        ("网上报名截止时间：2022年1月1日 点击：", None),
        ("点击：3 截止: 2022-01-01", None),
        ("展览：2022-01-01至2022-02-01 点击：", None),
        ("Open: Jan 1, 2022 - Feb 1, 2022 Views:", None),
        ("Deadline: 2022-01-01 Date: 2021-12-01", "2021-12-01"),
        ("Deadline: 2022-01-01 2021-12-01 Views:", "2021-12-01"),
        ("<p>2021-12-01</p><p>Deadline: 2022-01-01</p>", "2021-12-01"),
        ("2021-12-01 Deadline: 2022-01-01 Views:", "2021-12-01"),
        # other labels leave it alone
        ("Author: Li Ming 2021-12-01 Views:", "2021-12-01"),
        ("作者： 2021-12-01 点击：", "2021-12-01"),
        ("Source: 2021-12-01 Views:", "2021-12-01"),
        ("Views 2021-12-01 Source:", "2021-12-01"),
        ("Speaker: Li Ming 2021-12-01 Views:", "2021-12-01"),
        ("By: 2021-12-01 Views:", "2021-12-01"),
        ("Publication time: 2021-12-01 Views:", "2021-12-01"),
        ("Source: News Center Time:2021-12-01", "2021-12-01"),
        ("Source:<b>School of Law Time:2021-12-01</b>", "2021-12-01"),
        ("School of Law Time:2021-12-01 Views:", "2021-12-01"),
    ],
)
def test_published(meta: str, date: str | None) -> None:
    found = article(meta=meta, body="<p>On June 6, 1999 (1999-06-06) and 2001年1月2日.</p>")
    assert (found.published_at or found.published) == date
    assert found.published == (date and date[:10])


def test_an_unreadable_date_keeps_its_text() -> None:
    assert article(meta="Date: 08/09/2017").published_raw == "08/09/2017"


def test_the_date_may_stand_behind_the_body() -> None:
    assert article(after="<li><span>发布时间：</span>2013年09月16日 14:10</li>").published == "2013-09-16"
    assert article(after="<p>2013年09月16日</p>").published is None


@pytest.mark.parametrize(
    ("meta", "source", "names"),
    [
        ("来源：宣传部&nbsp;&nbsp;&nbsp;阅读：", "宣传部", ["宣传部"]),
        ("信息来源：教务处", "教务处", ["教务处"]),
        ("出处 : 校报", "校报", ["校报"]),
        ("供稿/团委", "团委", ["团委"]),
        ("来源:湖南省教育厅 大学生通讯社", "湖南省教育厅 大学生通讯社", ["湖南省教育厅", "大学生通讯社"]),
        ("来源:大学生通讯社 点击次数:次 发布时间:2017年05月02日 作者:杨文", "大学生通讯社", ["大学生通讯社"]),
        ("Source: News Center Click:", "News Center", ["News Center"]),
        # a word that is a label elsewhere
        ("Source: Print Shop", "Print Shop", ["Print Shop"]),
        ("Source: Print Shop Print", "Print Shop", ["Print Shop"]),
        ("Source: Daily Views of Changsha Views 12", "Daily Views of Changsha", ["Daily Views of Changsha"]),
        ("Source: News Center<a href='#'>Print</a>", "News Center", ["News Center"]),
        ("Source: News Center Clicks [<span>3</span>]", "News Center", ["News Center"]),
        ("来源：打印中心 打印", "打印中心", ["打印中心"]),
        ("来源：宣传部【打印】【关闭】", "宣传部", ["宣传部"]),
        ("Sources: Graduate School, News Center", None, ["Graduate School", "News Center"]),
        ("Source: School of Humanities, Arts and Law", None, ["School of Humanities, Arts and Law"]),
        ("Source: School of Law、News Center", "School of Law、News Center", ["School of Law", "News Center"]),
        ("<span>发布时间：2023-10-01</span><span>文章来源：办公室</span><span>浏览次数：</span>", "办公室", ["办公室"]),
        ("来源：<a href='/x.htm'>新闻网</a> 2020-01-01", "新闻网", ["新闻网"]),
        ("来源： 作者：张三", None, []),
        ("2008-01-01Source:Click:", None, []),
        ("信息来源：<span>发布日期：2023-02-05</span>", None, []),
        ("作者：专业学位办 责编：李四", None, []),
        ("ſource: x", None, []),
    ],
)
def test_source(meta: str, source: str | None, names: list[str]) -> None:
    found = article(meta=meta)
    assert found.sources == names
    assert found.source_raw == source or (names and not source and found.source_raw == ", ".join(names))


@pytest.mark.parametrize(
    ("body", "source"),
    [
        ("<p>a</p><p>Source: News Center</p>", "News Center"),
        ("<p>a</p><p>Sources: Graduate School</p>", "Graduate School"),
        ("<p>a</p><p>（来源：宣传部）</p>", "宣传部"),
        ("<p>a</p><p>来源：宣传部</p><p>责任编辑：李四</p>", "宣传部"),
        ("<p>来源：宣传部</p><p>The text goes on.</p>", None),
        ("<p>The source: a spring in the hills.</p>", None),
        ("<p>a</p><p>Source:</p>", None),
    ],
)
def test_source_as_last_words(body: str, source: str | None) -> None:
    found = article(meta="来源： 点击：", body=body)
    assert found.source_raw == source
    assert not source or source in found.body


@pytest.mark.parametrize(
    ("chain", "prev", "next_"),
    [
        (
            '<p>The prev article:<a href="1.htm">One</a></p><p>The next article:<a href="2.htm">Two</a></p>',
            ("1", "One"),
            ("2", "Two"),
        ),
        ('Previous: <a href="1.htm">One</a> Next: <a href="2.htm">Two</a>', ("1", "One"), ("2", "Two")),
        ('上一条：<a href="1.htm" title="全名">全...</a> 下一条：<a href="2.htm">二</a>', ("1", "全名"), ("2", "二")),
        ('<li><span><i></i>上一篇：</span><a href="1.htm">一</a></li>', ("1", "一"), None),
        ('<a href="1.htm">上一篇：一</a><a href="2.htm">下一篇：二</a>', ("1", "一"), ("2", "二")),
        ('<a href="1.htm" title="一"><b>Prev</b></a>', ("1", "一"), None),
        ("<dt>上一条</dt><dd><a href='1.htm'>一</a></dd>", ("1", "一"), None),
        ("<h1>下一条：<a href='../1083/2.htm'>二</a></h1>", None, ("2", "二")),
        ("<td>下一条：<a href='2209.htm'>自己</a></td>", None, ("2209", "自己")),
        ("上一条：<a href='1.htm'>\u200b一</a></a>", ("1", "一"), None),
        ("上一条：没有了 下一条：<a href='javascript:;'>二</a>", None, None),
        ("上一条：<a href='#'>没有了</a> 下一条：<a href='#tips'>二</a>", None, None),
        ("上一条：<br>下一条：<a href='2.htm'>二</a>", None, ("2", "二")),
        ("没有了", None, None),
        ("<a href='1.htm'>&lt;&lt; 上一篇</a><a href='2.htm'>下一篇 &gt;&gt;</a>", ("1", None), ("2", None)),
        ("<tr><td>上一条：</td><td><a href='1.htm'>1 &lt; 2 &amp;lt;</a></td></tr>", ("1", "1 < 2 &lt;"), None),
        ("[1] <a href='2209_1.htm'>[2]</a> <a href='2209_1.htm'>下一页</a>", None, None),
        ("<a href='2209_1.htm'>Next</a> <a href='2209_1.htm'>Next page</a>", None, None),
        ("<a href='5.htm'>Next Generation Networks</a>", None, None),
        ("The next article:<a href='2.htm'>Next Generation Networks</a>", None, ("2", "Next Generation Networks")),
        # the full title in title=, behind the label
        ("上一条：<a href='1.htm' title='上一条：全名'>全...</a>", ("1", "全名"), None),
        ("<a href='2.htm' title='Next: Two - Three'>Next: Two...</a>", None, ("2", "Two - Three")),
        ("Next: <a href='2.htm' title='Next Generation'>Next G...</a>", None, ("2", "Next Generation")),
        ("Next: <a href='2.htm' title='Next: a novel'>Next: a...</a>", None, ("2", "Next: a novel")),
        ("Next: <a href='2.htm' title='Next steps: a plan'>Next s...</a>", None, ("2", "Next steps: a plan")),
        # the label in front counts, on its own line
        ("Next: <a href='2.htm'>Previous: the story</a>", None, ("2", "Previous: the story")),
        ("上一条：<a href='1.htm'>下一篇：二</a>", ("1", "下一篇：二"), None),
        ("上一条：<a href='1.htm'>下一条：二</a> 下一条：<a href='2.htm'>三</a>", ("1", "下一条：二"), ("2", "三")),
        ("<p>下一条：</p><p><a href='1.htm'>上一条：一</a></p>", ("1", "一"), None),
    ],
)
def test_chain(chain: str, prev: tuple[str, str | None] | None, next_: tuple[str, str | None] | None) -> None:
    found = article(
        body="<p>The next article: <a href='9.htm'>decoy</a> 上一条：<a href='8.htm'>x</a></p>", after=chain
    )
    for link, wanted in ((found.prev, prev), (found.next, next_)):
        got = link and (link.url, link.title)
        assert got == (wanted and (f"https://en.csu.edu.cn/info/1083/{wanted[0]}.htm", wanted[1]))


def test_parts_are_the_other_pages_of_the_article() -> None:
    pager = "[1] <a href='2209_1.htm'>[2]</a> <a href='2209_2.htm'>[3]</a> <a href='2209_1.htm'>下一页</a>"
    assert article(after=pager).parts == [f"https://en.csu.edu.cn/info/1083/2209_{n}.htm" for n in (1, 2)]
    first = article(url=URL.replace("2209", "2209_1"), after="<a href='2209.htm'>[1]</a> <a href='2208.htm'>x</a>")
    assert first.parts == [URL]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Plain", "Plain"),
        ("Sino-French Day - Part 2 — and more", "Sino-French Day - Part 2 — and more"),
        ("&ldquo;Quoted&rdquo; &amp; 'so on'", "“Quoted” & 'so on'"),
        ("\u200bZero\u200bwidth", "Zerowidth"),
        ("关于《规定》的通知——第2号", "关于《规定》的通知——第2号"),
        ("A\u3000B&nbsp;&nbsp;C", "A B C"),
    ],
)
def test_title(title: str, text: str) -> None:
    assert article(title=title).title == text


@pytest.mark.parametrize(
    ("head", "heading", "title"),
    [
        ("<title>标签定义文档的标题</title>", "<h2>真的标题</h2>", "真的标题"),
        ("<title>A B-CSU</title>", "<h1>A B<span>2020-01-01</span></h1>", "A B"),
        ("<title>A - B-CSU</title>", "<div class='tit'>A - B</div>", "A - B"),
        ("<title>A-B-Central South University</title>", "", "A-B"),
        ("<title>Some <body > words-CSU</title>", "<p>Some words</p>", "Some words"),
        ("<title>x</title><meta name='pageTitle' content='真名'>", "<h4>别名</h4>", "真名"),
        ("", "<p>2020-01-01 点击：</p><h3>三</h3>", "三"),
    ],
)
def test_title_where_head_and_heading_differ(head: str, heading: str, title: str) -> None:
    html = f"""<html><head>{head}</head><body><form name="_newscontent_fromname">{heading}
    <div id="vsb_content"><p>x</p></div></form></body></html>"""
    item = read_page(html.encode(), URL, CSU_EN)
    assert isinstance(item, Article)
    assert item.title == title


@pytest.mark.parametrize(
    "line",
    [
        "<a href='javascript:window.close();'>close</a>",
        "<p>【<a href='#'>关闭</a>】</p>",
        "[<a href='#'>Close Window</a>] 打印",
        "<h2>附件【<a href='/download.jsp?wbfileid=1'>1. Programme.pdf</a>】已下载<span></span>次</h2>",
        "附件1：<a href='/__local/1.pdf'>日程安排</a>",
        "<p class='tit'><a href='/__local/1.pdf'>1. Programme.pdf</a></p>",
        "[1] <a href='2209_1.htm'>[2]</a> <a href='2209_1.htm'>Next page</a>",
        "[1] <a href='2209_1.htm'>[2]</a> <a href='2209_1.htm'>下一页</a>",
        "<h1>上一条：<a href='1.htm'>一</a></h1>",
        "<p>The prev article:<a href='1.htm'>One</a></p><p>Next</p>",
        "<p>上一篇 <a href='1.htm'>一</a></p>",
        "<h3>May 28, 2024</h3>",
        "<p>By Li Ming 2019-05-13 16:14:24</p>",
        "来源：学生工作部 发布时间：2024年05月28日",
        "Click:",
        "",
    ],
)
@pytest.mark.parametrize("above", [True, False])
def test_a_lost_title_is_not_made_up(line: str, above: bool) -> None:
    body = "<div id='vsb_content'><div class='v_news_content'></div></div><div id='div_vote_id'></div>"
    html = (
        f"""<form name="_newscontent_fromname"><h1></h1>{line if above else ""}{body}{"" if above else line}</form>"""
    )
    doctype = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/x.dtd">'
    for start in ("", doctype):
        assert read_page(f"{start}<title></title>{html}".encode(), URL) == Gate("unknown layout")


@pytest.mark.parametrize("line", ["Next Generation Networks", "Closeout Report of 2019", "上一个十年", "附件管理办法"])
def test_a_title_may_begin_like_furniture(line: str) -> None:
    html = f'<form name="_newscontent_fromname"><p>{line}</p><div id="vsb_content"><p>x</p></div></form>'
    item = read_page(html.encode(), URL)
    assert isinstance(item, Article)
    assert item.title == line


@pytest.mark.parametrize(
    ("scripts", "ids"),
    [
        ("", (None, 2209, 1083)),
        ("<script>_jsq_(1083,'/content.jsp',2209,5)</script>", (5, 2209, 1083)),
        ("<script>_jsq_(1054,'/host.jsp',2224,1)</script>", (1, 2209, 1083)),
        (
            "<script>_jsq_(1,'/h.jsp',9,1)</script><script>_jsq_(1083,'/c.jsp'/*tpa=http://x*/,2209,5)</script>",
            (5, 2209, 1083),
        ),
        (f"<script>_jsq_(1054,'/host.jsp',2224,1)</script>{CLICK}", (7, 2209, 1083)),
        ('<script>_showDynClicks("wbnews", 7, 99)</script>', (7, 99, 1083)),
        ("<!-- <script>_showDynClicks('wbnews', 7, 99)</script> -->", (None, 2209, 1083)),
    ],
)
def test_identity(scripts: str, ids: tuple[int | None, int, int]) -> None:
    found = article(meta=scripts)
    assert (found.owner, found.news_id, found.column_id) == ids


def test_identity_without_an_address_that_says_it() -> None:
    found = article(url="https://en.csu.edu.cn/x.jsp", meta="<script>_jsq_(1083,'/c.jsp',2209,5)</script>")
    assert (found.news_id, found.column_id) == (2209, 1083)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        # the outer hook swallows attachments and chain
        (
            "<div id='vsb_content'><div class='v_news_content'><div id='vsb_content_4'>"
            "<div class='v_news_content'><p>In.</p>"
            "</div></div><div id='div_vote_id'></div><li>附件【x】</li>上一条：<a href='1.htm'>一</a></div></div>",
            "In.",
        ),
        # a pasted page brings its own hook
        (
            "<div id='vsb_content'><div class='v_news_content'><p>A.</p><div id='vsb_content_2'>B.</div></div></div>",
            "A.\n\nB.",
        ),
        # the template writes into the outer one of the pair
        ("<div id='vsb_content_1001'><div class='v_news_content'><p>A.</p></div><p>责编：某</p></div>", "A."),
        # an end tag is missing
        (
            "<div id='vsb_content_2'><div><p>A.</p><div id='div_vote_id'></div><p>上一条：<a href='1.htm'>一</a></p>",
            "A.",
        ),
        ("<div id='vsb_content_2895_u81'>A.</div>", "A."),
        ("<div class='wz v_news_content'>A.</div>", "A."),
        ("<table><tr><td id='vsb_content_2'>A.</td></tr></table>", "A."),
    ],
)
def test_body_hooks(html: str, text: str) -> None:
    item = read_page(f'<title>T-S</title><form name="_newscontent_fromname"><h1>T</h1>{html}</form>'.encode(), URL)
    assert isinstance(item, Article)
    assert item.body == text


@pytest.mark.parametrize(
    ("body", "after", "files"),
    [
        ("", '附件【<a href="/download.jsp?wbfileid=1">a.doc</a>】', ["a.doc"]),
        (
            "",
            '附件【<a href="/download.jsp?wbfileid=1">a.doc</a>】<a href="/download.jsp?wbfileid=1">a.doc</a>',
            ["a.doc"],
        ),
        (
            '<p><img src="/system/resource/images/fileTypeImages/icon_doc.gif"><a href="/__local/1.doc">表</a></p>',
            "",
            ["表"],
        ),
        ('<a href="/x.htm">a page</a><a href="/__local/1.pdf"></a>', "", []),
        ('<script>showVsbpdfIframe("/__local/A/1.pdf","1")</script>', "", []),
        ('<a href="javascript:;">PDF 文件</a>', "", []),
    ],
)
def test_attachments(body: str, after: str, files: list[str]) -> None:
    found = article(body=body, after=after)
    assert [file.name for file in found.attachments] == files
    assert not found.images


def test_images() -> None:
    body = """<img src="/__local/1.jpg?e=.jpg" orisrc="/__local/2.jpg" alt="Lake"><img src="data:image/png;base64,A">
    <img src="/spacer.gif"><figure><img src="//news.csu.edu.cn/3.png" alt="http://x/3.png"><figcaption>Hill</figcaption></figure>"""
    one, two = article(body=body).images
    assert (one.url, one.alt) == ("https://en.csu.edu.cn/__local/1.jpg?e=.jpg", "Lake")
    assert one.original_url == "https://en.csu.edu.cn/__local/2.jpg"
    assert (two.url, two.alt, two.caption) == ("https://news.csu.edu.cn/3.png", None, "Hill")


@pytest.mark.parametrize(
    ("body", "videos"),
    [
        ('<script>showVsbVideo("/_mediafile/1.mp4","height=1")</script>', ["1"]),
        ('<script name="_videourl" vurl="/_mediafile/2.mp4?e=.mp4"></script>', ["2"]),
        ('<script>showVsbpdfIframe("/__local/A/1.pdf","1")</script>', []),
        ("<p><img src='/_mediafile/1.jpg'></p>", []),
    ],
)
def test_an_article_may_have_no_text(body: str, videos: list[str]) -> None:
    found = article(body=body)
    assert (found.title, found.body) == ("A Title", "")
    assert [video.partition("?")[0] for video in found.videos] == [
        f"https://en.csu.edu.cn/_mediafile/{name}.mp4" for name in videos
    ]


@pytest.mark.parametrize(
    ("top", "url"),
    [
        ("<a href='/'>Home</a> &gt; <a href='/News.htm'>News</a> &gt; Content", "https://en.csu.edu.cn/News.htm"),
        ("<a href='/'>首页</a> -> <a href='/tz.htm'>通知</a> -> <a class='x'>正文</a>", "https://en.csu.edu.cn/tz.htm"),
        ("<a href='/index.htm'>首页</a>&gt;&gt;正文", None),
        ("<a href='/tz.htm'>通知</a> &gt; <a href='javascript:;'>赛事</a> &gt; 正文", None),
        ("<li><a href='/News.htm'>News</a></li><p>News Content</p>", None),
        ("", None),
    ],
)
def test_list_url(top: str, url: str | None) -> None:
    assert article(top=f"<div>{top}</div>").list_url == url


@pytest.mark.parametrize(
    ("top", "links"),
    [
        ("<a href='http://www.csu.edu.cn/'>中文版</a>", [("http://www.csu.edu.cn/", "zh", "site")]),
        ("<a href='/info/1/3.htm'><span>中文</span></a>", [("https://en.csu.edu.cn/info/1/3.htm", "zh", "article")]),
        ("<a href='/en.htm'>English</a>", []),
        ("<a href='#'>中文版</a><a href='/x.htm'>中文系</a>", []),
        ("<a href='/c.htm'>【<b>Chinese</b>】</a>", [("https://en.csu.edu.cn/c.htm", "zh", "site")]),
        ("English <a href='/c.htm'>Chineſe</a>", []),
        (
            "<link rel='alternate' hreflang='zh-CN' href='/info/1/3.htm'><link rel='alternate' hreflang='en' href='/e'>"
            "<link rel='alternate' hreflang='x-default' href='/x'><link rel='next' hreflang='zh' href='/info/1/4.htm'>",
            [("https://en.csu.edu.cn/info/1/3.htm", "zh", "article")],
        ),
        ("<a hreflang='zh' href='//news.csu.edu.cn/'>新闻网</a>", [("https://news.csu.edu.cn/", "zh", "site")]),
    ],
)
def test_translations(top: str, links: list[tuple[str, str, str]]) -> None:
    found = article(top=top).translations
    assert [(link.url, link.language, link.kind) for link in found] == links


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("<p>A text in English.</p><p><a href='http://news.csu.edu.cn/info/1/3.htm'>中文报道</a></p>", ["zh"]),
        ("<p><a href='//news.csu.edu.cn/content.jsp?wbtreeid=1&amp;wbnewsid=3'>[Chinese version]</a></p>", ["zh"]),
        ("<p>See the <a href='http://news.csu.edu.cn/'>Chinese</a> site.</p>", []),
        ("<p>In <a href='http://news.csu.edu.cn/info/1/3.htm'>Chinese medicine</a> it is so.</p>", []),
        ("<p><a href='http://news.csu.edu.cn/info/1/3.htm'>English version</a></p>", []),
    ],
)
def test_translations_in_the_text_are_links_to_articles(body: str, links: list[str]) -> None:
    assert [link.language for link in article(body=body).translations] == links


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ("<span>栏目不存在!</span>", "missing"),
        ("<h2>文章不存在或已删除</h2>", "missing"),
        ("<p>无效的访问地址</p>", "missing"),
        ("<title>系统提示</title><p>您没有访问当前栏目的权限。</p>", "denied"),
        ("<p>附件下载</p>请输入验证码下载附件<input name=code>", "captcha"),
        ("<form><input type='password'></form>", "login"),
        ("<script>location.href='https://x.edu.cn/system/resource/code/auth/cas/clogin.jsp?a=1'</script>", "login"),
        ("<meta http-equiv='refresh' content='0;url=/system/resource/code/auth/cas/clogin.jsp'>", "login"),
        ("<a href='/auth/cas/clogin.jsp'>Staff</a><p>Some page</p>", None),
        # the counter of the host page, or of what was there
        ("<script>_jsq_(1083,'/content.jsp',2209,5)</script><p>文章不存在或已删除</p>", "missing"),
        ("<script>_jsq_(1083,'/content.jsp',2209,5)</script><title>系统提示</title>您没有访问当前栏目的权限", "denied"),
        ("<script>_jsq_(1083,'/content.jsp',2209,5)</script><p>A text in an unknown place.</p>", "unknown layout"),
        ("<script>var challengeId = 'x';</script>", "challenge"),
        ("<script>document.cookie='a=1';location.reload()</script>", "challenge"),
        ("<p>Blocked. X-Protected-By: WebberRASP</p>", "firewall"),
        ("<form name='_newscontent_fromname'><h1>T</h1></form>", "unknown layout"),
        ("<script>window.location='/x'</script>页面加载中", None),
        ("<p>Some page</p>", None),
        ("<p>" + "Long text about 文章不存在. " * 60 + "</p>", None),
        ("", None),
    ],
)
def test_gates(html: str, reason: str | None) -> None:
    item = read_page(html.encode(), URL)
    assert item == (Gate(reason) if reason else None)


def test_an_article_may_quote_a_gate() -> None:
    assert article(body="<p>文章不存在或已删除</p>").body == "文章不存在或已删除"


@pytest.mark.parametrize(
    ("body", "declared"),
    [
        (page(body="<p>中文</p>"), "gbk"),
        (b"\xef\xbb\xbf" + page(body="<p>中文</p>"), "gb2312"),
        (page(body="<p>中文</p>").decode().encode("gb18030"), "utf-8"),
        (page(body="<p>中文</p>").decode().encode("gb18030"), None),
        (page(body="<p>中文</p>", head="<meta charset=gbk>"), None),
        (page(body="<p>中文</p>").decode().encode("utf-16"), None),
        (page(body="<p>中文</p>").decode().encode("gb18030"), "iso-8859-1"),
        (page(body="<p>中\0文</p>"), "no such charset"),
        (page(body="<p>中文</p>").decode().encode("gb18030"), "undefined"),
    ],
)
def test_encoding(body: bytes, declared: str | None) -> None:
    item = read_page(body, URL, VSB, declared)
    assert isinstance(item, Article)
    assert (item.title, item.body) == ("A Title", "中文")


def test_a_torn_character_does_not_make_utf8_chinese_of_another_kind() -> None:
    item = read_page(page(body="<p>" + "中文字" * 100 + "</p>").replace("字".encode(), b"\xe5\xad", 1), URL, VSB, "gbk")
    assert isinstance(item, Article)
    assert item.body.endswith("中文字")


@pytest.mark.parametrize(
    "body", [b"", b" ", b"\0" * 1000, b"%PDF-1.4 \xff\xfe\x00", b"\x89PNG\r\n\x1a\n", b"<", b"\xef\xbb\xbf"]
)
def test_no_page_at_all(body: bytes) -> None:
    assert read_page(body, URL) is None
    assert page_requisites(body, URL) == []


LIST = "<script>_jsq_(1014,'/list.jsp',-1,9)</script>"
ROWS = "<ul><li id='line_u9_0'><a href='info/1014/5.htm' title='Five'>Fi...</a> {}</li></ul>"


@pytest.mark.parametrize(
    ("printed", "date"),
    [
        ("<span>[2022-02-10]</span>", "2022-02-10"),
        ("2022年2月10日", "2022-02-10"),
        ("<p>10/26</p><span>2012</span>", "2012-10-26"),
        ("<b>07</b><i>2018-12</i>", "2018-12-07"),
        ("<b>Jan 08</b> <i>2020</i>", "2020-01-08"),
        ("<p>10/05</p><span>2012</span>", None),
        ("12-07", None),
        ("<p>On 2022-02-10 it rained.</p>", None),
        ("", None),
    ],
)
def test_row_date(printed: str, date: str | None) -> None:
    item = read_page((LIST + ROWS.format(printed)).encode(), "https://en.csu.edu.cn/News.htm")
    assert isinstance(item, Listing)
    (row,) = item.rows
    assert (row.url, row.title, row.date) == ("https://en.csu.edu.cn/info/1014/5.htm", "Five", date)


@pytest.mark.parametrize(
    ("pager", "total", "number", "pages", "following", "count"),
    [
        (
            "<td id='fanye1'>共113条&nbsp;&nbsp;1/6</td>"
            "<td><a href='News/5.htm'>下页</a><a href='News/1.htm'>尾页</a></td>",
            *(113, 1, 6, "News/5.htm", 2),
        ),
        ("<td id='fanye1'>共12条&nbsp;&nbsp;1/1</td>", 12, 1, 1, None, 0),
        (
            "<td class='pb_sys_common'><span class='p_t'>共12条</span><span class='p_no_d'>1</span>"
            "<a href='News/1.htm'>2</a><span class='p_next'><a href='News/1.htm'>下页</a></span>"
            "<span class='p_last'><a href='News/1.htm'>尾页</a></span></td>",
            *(12, 1, 2, "News/1.htm", 1),
        ),
        (
            "<td><a href='?PAGENUM=2'>Next Page</a><a href='?PAGENUM=3'>Last Page</a></td>",
            *(None, None, None, "News.htm?PAGENUM=2", 2),
        ),
    ],
)
def test_pager(
    pager: str, total: int | None, number: int | None, pages: int | None, following: str | None, count: int
) -> None:
    html = f"{LIST}<div>{ROWS.format('')}<table><tr>{pager}</tr></table></div><a href='/info/1/1.htm'>side</a>"
    item = read_page(html.encode(), "https://en.csu.edu.cn/News.htm")
    assert isinstance(item, Listing)
    assert (item.total, item.page, item.pages, len(item.rows), len(item.pager)) == (total, number, pages, 1, count)
    assert item.next_url == (following and f"https://en.csu.edu.cn/{following}")


@pytest.mark.parametrize(
    "html",
    [
        LIST.replace("list", "index") + ROWS,
        LIST.replace("list", "dpzw")
        + "<div id='vsb_content'>T</div><li id='line_u4_0'><a href='/info/9/1.htm'>x</a></li>",
        "<p><a href='/info/1/1.htm'>x</a></p>",
        LIST + "<p>nothing</p>",
    ],
)
def test_not_a_list(html: str) -> None:
    assert read_page(html.encode(), "https://en.csu.edu.cn/News.htm") is None


@pytest.mark.parametrize(
    ("html", "rows"),
    [
        # a pager that shares no block with the rows
        (ROWS.format("") + "<table><tr><td id='fanye1'>共23条 2/3</td></tr></table>", ["5"]),
        # neither ids nor pager: before the script that counts clicks; else the one list of the column
        ("<ul><li><a href='/info/9/6.htm'>x</a></li></ul><script>_showDynClickBatch(['a'],[6])</script>", ["6"]),
        ("<ul><li><a href='/info/1014/7.htm'>x</a></li></ul><ul><li><a href='/info/2/1.htm'>x</a></li></ul>", ["7"]),
        # category, title and picture: one row
        (
            "<div><ul><li><a href='/c.htm'>[Law]</a> <a href='/info/1/8.htm' title='t'>t</a>"
            "<a href='/info/1/8.htm'><img src='d.png'></a></li></ul><p class='pb_sys_common'>共1条</p></div>",
            ["8"],
        ),
        # hidden and repeated rows
        (
            "<li id='line_u9_0'><a href='/info/1/3.htm'>x</a></li><li id='line_u9_1' style='display:none'>"
            "<a href='/info/1/4.htm'>x</a></li><li id='line_u9_2'><a href='/info/1/3.htm'>x</a></li>",
            ["3", "4"],
        ),
        ("<!-- <li id='line_u9_0'><a href='/info/1/3.htm'>x</a></li> --><td id='fanye1'>共1条 1/1</td>", []),
    ],
)
def test_rows(html: str, rows: list[str]) -> None:
    item = read_page(f"{LIST}<table><tr><td>{html}</td></tr></table>".encode(), "https://en.csu.edu.cn/News.htm")
    assert isinstance(item, Listing)
    assert [row.url.rpartition("/")[2] for row in item.rows] == [f"{name}.htm" for name in rows]


def test_page_requisites() -> None:
    html = """<link rel="stylesheet" href="/a.css"><link rel="next" href="/n.htm"><script src="b.js"></script>
    <script src="/system/resource/code/news/click/x.jsp"></script><img src="c.png"><img src="c.png"><img src="data:x">
    <script>showVsbpdfIframe("/__local/d.pdf","1")</script>"""
    names = ("a.css", "info/1083/b.js", "info/1083/c.png", "__local/d.pdf")
    assert page_requisites(html.encode(), URL) == [f"https://en.csu.edu.cn/{name}" for name in names]


@pytest.mark.parametrize(
    "flood",
    [
        page(body="<div>" * 100_000 + "x"),
        page(after="上一条" + "<b></b>" * 50_000),
        page(meta="发布时间" + " \u3000" * 50_000),
        page(after="上一条：" * 30_000),
        page(meta="2019-" * 50_000),
        page(top="<a href='x'>" + "<b></b>" * 50_000),
        page(top="<a href='x'>x</a> 正文" * 20_000),
        page(body="&" * 300_000),
        page(body="<p>x</p>" + "<p>来源：</p>" * 30_000),
        page(body="<div id='vsb_content'>" * 1000),
        page(head="<script>" + "_jsq_(1,'" * 50_000 + "</script>"),
        page(body="<img src='data:image/png;base64," + "A" * 11_000_000 + "'>end"),
    ],
    ids=range(12),
)
def test_floods_end(flood: bytes) -> None:
    """A pattern with a square or worse in it would take hours here."""
    assert isinstance(read_page(flood, URL), Article)


MENU_PAGE = """<html><head><META Name="keywords" Content="Alder University,News,A Title, with a comma" /></head><body>
<ul><li><a href="../../index.htm">Home</a></li><li><a href="../../News.htm" title="News"> News </a></li>{menu}</ul>
<form name="_newscontent_fromname"><h2>A Title, with a comma</h2>
<div id="vsb_content"><p><a href="../../Trap.htm">News</a> of the day.</p></div></form>
<script>_showDynClicks("wbnews", 7, 12)</script></body></html>"""


@pytest.mark.parametrize(
    ("menu", "list_url"),
    [
        ("", "http://h/News.htm"),
        ('<li><a href="../../News.htm">News</a></li>', "http://h/News.htm"),  # named twice, the same page
        ('<li><a href="../../About/News.htm">News</a></li>', None),  # which of the two cannot be told
    ],
)
def test_menu_names_the_list_where_no_breadcrumb_does(menu: str, list_url: str | None) -> None:
    article = read_page(MENU_PAGE.format(menu=menu).encode(), "http://h/info/5/12.htm")
    assert isinstance(article, Article)
    assert article.list_url == list_url
