"""Pages that stand where an article should be, and how each is told; a page that only quotes one is none."""

from __future__ import annotations

import re

from lxml import etree  # type: ignore[import-untyped]

from csu_news.items import Gate
from csu_news.pages.page import Page
from csu_news.text import Element, clean, plain_text

MISSING = "missing"
"""栏目不存在! · 文章不存在或已删除 · 无效的访问地址: the CMS's own 404, sent as 200."""
DENIED = "denied"
"""系统提示 with 您没有访问当前栏目的权限: shut to this address or to all."""
LOGIN = "login"
"""A sign-in form, or the central sign-in (auth/cas/clogin.jsp)."""
CHALLENGE = "challenge"
"""A script to be run first: `var challengeId`, /dynamic_challenge, or a cookie set and the page reloaded."""
CAPTCHA = "captcha"
"""请输入验证码下载附件 and the like."""
FIREWALL = "firewall"
"""The text of a web application firewall (WebberRASP and others)."""
UNKNOWN_LAYOUT = "unknown layout"
"""An article page of the CMS in which title or body cannot be found: the parser must learn it."""

_LONGEST = 600
_PHRASES = (
    (MISSING, re.compile(r"栏目不存在|文章不存在|已被?删除|无效的访问地址|访问的页面不存在|页面不存在")),
    (
        DENIED,
        re.compile(r"没有访问.{0,12}权限|系统提示|无权访问|拒绝访问|仅限校内访问|access (?:is )?denied", re.I),
    ),
    (CAPTCHA, re.compile(r"请?输入验证码|验证码.{0,6}(?:错误|不正确)|captcha", re.I)),
    (
        FIREWALL,
        re.compile(
            r"WebberRASP|网站防火墙|应用防火墙|\bWAF\b|请求.{0,8}(?:被|已).{0,4}(?:拦截|阻断|拒绝)|访问.{0,6}被拦截"
            r"|(?:恶意|非法|可疑|攻击).{0,8}(?:请求|访问)|request (?:was|has been) (?:blocked|rejected)",
            re.I,
        ),
    ),
    (LOGIN, re.compile(r"统一身份认证|请先登录|请登录后|clogin\.jsp|please (?:log|sign) ?in", re.I)),
)
_CHALLENGE = re.compile(r"challengeId|dynamic_challenge")
_COOKIE = re.compile(r"document\.cookie\s*=|\.cookie\s*=|setCookie\(", re.I)
_RELOAD = re.compile(r"location\.(?:reload|replace|href|assign)|location\s*=|\.submit\(\)|meta http-equiv", re.I)
# location.href='/system/resource/code/auth/cas/clogin.jsp?…', <meta http-equiv="refresh" content="0;url=…">
_SIGN_IN = "clogin.jsp"
_body = etree.XPath("//body")
_scripts = etree.XPath("//script/text()")
_refresh = etree.XPath("//meta[@http-equiv]/@content")
_passwords = etree.XPath("boolean(//input[translate(@type,'PASWORD','pasword')='password'])")
_links = etree.XPath("count(//a[@href])")


def _reads_long(body: Element) -> bool:
    """Tell whether there is more to read than a gate has; stops as soon as there is."""
    length = 0
    for node in body.iter():
        if node.tag not in ("script", "style"):
            length += len((node.text or "").strip())
        length += len((node.tail or "").strip())
        if length > _LONGEST:
            return True
    return False


def read_gate(page: Page) -> Gate | None:
    """Return the gate that this page, neither article nor list, is; None for any other page.

    Only a page with little to read is one, for 文章不存在 and the like occur in texts as well.
    """
    scripts = "\n".join(_scripts(page.root))
    if _CHALLENGE.search(scripts):
        return Gate(CHALLENGE)
    bodies = _body(page.root)
    if bodies and _reads_long(bodies[0]):
        return None
    text = clean(plain_text(bodies[0])) if bodies else ""
    if len(text) < 100 and any(_SIGN_IN in target for target in (scripts, *_refresh(page.root))):
        return Gate(LOGIN)
    if len(text) < 100 and _COOKIE.search(scripts) and _RELOAD.search(scripts):
        return Gate(CHALLENGE)
    for reason, phrase in _PHRASES:
        if phrase.search(f"{page.head_title}\n{text}"):
            return Gate(reason)
    return Gate(LOGIN) if _passwords(page.root) and _links(page.root) < 30 else None
