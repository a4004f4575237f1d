"""Pages that stand where an article should be; own texts around the phrases by which such pages are known."""
# ruff: noqa: E501  markup has long lines

from __future__ import annotations

import re
from http import HTTPStatus

_PLAIN = "<html><head><meta http-equiv=Content-Type content='text/html; charset=UTF-8'></head>\n"
NO_ARTICLE = f"{_PLAIN}<h2><font color=red>文章不存在或已删除</font></h2>".encode()
NO_COLUMN = f"{_PLAIN}<span style='color:red;font-size:12px'>栏目不存在!</span>".encode()
NO_PERMISSION = """<!doctype html><html><head><meta charset="utf-8"><title>系统提示</title></head><body>
<div class="promptOne">系统提示</div><p>您没有访问当前栏目的权限。</p></body></html>""".encode()
CAPTCHA = """<!DOCTYPE html><html><head><meta charset="UTF-8"><title>附件下载</title></head><body>
<form name="downform" method="post"><p>请输入验证码下载附件</p><img src="/system/resource/js/filedownload/createimage.jsp">
<input name="codeValue"><input type="submit" value="确定"></form></body></html>""".encode()
CHALLENGE = b"""<!DOCTYPE html><html><head><meta charset="utf-8"><script>
var challengeId = "5f0e9c2ab71d4d28"; var answer = 17 * 23;
fetch("/dynamic_challenge", {method: "POST", body: JSON.stringify({challenge_id: challengeId, answer: answer})})
  .then(function () { location.reload(); });
</script></head><body></body></html>"""
COOKIE_SCRIPT = b"<script>document.cookie='__replica=' + (41*7).toString(16) + '; path=/';location.reload();</script>"
FORBIDDEN = b"<html><head><title>403 Forbidden</title></head><body><h1>Request blocked</h1></body></html>"
NEW_LAYOUT = b"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>News</title></head><body>
<div id="app" data-page="article"></div><script src="/static/app.3f1c.js"></script></body></html>"""
NOT_FOUND = """<!DOCTYPE html><html><head><meta charset="UTF-8"><title>404错误提示</title></head><body>
<div class="tit"><h3>对不起，您访问的页面不存在或已被删除！</h3><a href="/index.htm">返回首页</a></div></body></html>""".encode()
LOGIN = """<!DOCTYPE html><html><head><meta charset="UTF-8"><title>统一身份认证</title></head><body>
<form action="clogin.jsp" method="post"><input name="username"><input type="password" name="password"></form></body></html>""".encode()
RUBBISH = bytes(n * n * 31 >> 3 & 255 for n in range(4096))
BAD_ADDRESS = f"{_PLAIN}<html><body><p>无效的访问地址</p></body></html>".encode()

_BODY = re.compile(rb'(<div class="v_news_content">).*?(</div></div><div id="div_vote_id">)', re.DOTALL)
_TIME = re.compile(rb'(<div align="center" )class="time">.*?</div>', re.DOTALL)
_FIRST = re.compile(rb'(<p class="vsbcontent_start">.{40}).*?(</div></div><div id="div_vote_id">)', re.DOTALL)
_TITLES = re.compile(rb"(<title>|<TITLE>|<h1[^>]*>|class=\"contitle\">)[^<]*", re.DOTALL)


def error(status: int) -> bytes:
    """Return a web server's plain error page."""
    phrase = f"{status} {HTTPStatus(status).phrase}"
    return f"<html><head><title>{phrase}</title></head><body><h1>{phrase}</h1></body></html>\n".encode()


def without_fields(page: bytes) -> bytes:
    """Return the article page with its title and body emptied."""
    return _TITLES.sub(rb"\1", _BODY.sub(rb"\1\2", page))


def without_date(page: bytes) -> bytes:
    """Return the article page of a new template: a script fills in its date."""
    return _TIME.sub(rb'\1id="meta"></div>', page)


def teaser(page: bytes) -> bytes:
    """Return the article page with the beginning of its text only."""
    return _FIRST.sub(rb"\1</p>\2", page)
