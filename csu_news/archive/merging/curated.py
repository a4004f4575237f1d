"""What persons decided, what they have to look at, and which articles are pairs."""

from __future__ import annotations

import sqlite3
from typing import Any

from csu_news.archive.fulltext import write_full_text
from csu_news.archive.merging.rows import Rows
from csu_news.archive.translations import APART, PERSON, add_pair, link_article

WITHHELD_THERE = """
select t.new from temp.map_articles t join source.articles s on s.id = t.old join main.articles m on m.id = t.new
where s.status = 'withheld' and m.status <> 'withheld'
"""
RELEASED_THERE = """
select t.new from temp.map_articles t join source.articles s on s.id = t.old join main.articles m on m.id = t.new
where s.status <> 'withheld' and m.status = 'withheld'
  and exists (select 1 from main.decisions where article_id = m.id and kind = 'withhold')
  and not exists (select 1 from main.decisions where article_id = m.id and kind = 'withhold'
    and id not in (select new from temp.map_decisions))
"""
OVERLAPPING = """
select * from main.findings where kind = :kind and url is :url and field is :field
  and first_seen_at <= coalesce(:resolved_at, '9999') and coalesce(resolved_at, '9999') >= :first_seen_at
order by first_seen_at, id limit 1
"""
PAIRED = """
select p.article_id from temp.map_pages t join main.links l on l.from_id = t.new and l.rel = 'translation'
join main.pages p on p.id = l.from_id where p.article_id is not null
union select p.article_id from temp.map_pages t join main.links l on l.to_id = t.new and l.rel = 'translation'
join main.pages p on p.id = l.to_id where p.article_id is not null
"""
SAID_OF_PAIRS = """
select article_id, other_id, kind from main.decisions d
where id in (select max(id) from main.decisions where (article_id, other_id) in (
  select article_id, other_id from main.decisions where id in (select new from temp.map_decisions where fresh)
  and kind in ('pair', 'apart')) group by article_id, other_id)
"""
_BOTH = """
from source.{} s join temp.map_articles e on e.old = s.en_id join temp.map_articles z on z.old = s.zh_id
"""
ALIKE = f"""
insert or ignore into main.translations (en_id, zh_id, evidence, score)
select e.new, z.new, s.evidence, s.score {_BOTH.format("translations")} where s.evidence = 'match'
  and not exists (select 1 from main.translations where en_id = e.new or zh_id = z.new)
  and (e.new, z.new) not in ({APART}) order by s.id
"""
CANDIDATES = f"""
insert or ignore into main.candidates (en_id, zh_id, score, reasons, found_at)
select e.new, z.new, s.score, s.reasons, s.found_at {_BOTH.format("candidates")} where true order by s.id
"""

Finding = dict[str, Any]


def merge_decisions(connection: sqlite3.Connection, rows: Rows) -> None:
    """Add the decisions that are not here yet."""
    same = (f"m.{name} is {rows.value('decisions', name)}" for name in ("article_id", "other_id", "page_id"))
    rows.match(
        "decisions",
        f"m.kind = s.kind and m.decided_at = s.decided_at and m.reason = s.reason and {' and '.join(same)}",
    )
    rows.copy("decisions")


def withhold_and_release(connection: sqlite3.Connection) -> None:
    """Withhold what is withheld there; release what was released there by one who knew of every withholding here."""
    for (article_id,) in connection.execute(WITHHELD_THERE).fetchall():
        connection.execute("update main.articles set status = 'withheld' where id = ?", (article_id,))
        connection.execute("delete from main.articles_fts where rowid = ?", (article_id,))
    for (article_id,) in connection.execute(RELEASED_THERE).fetchall():
        connection.execute(
            "update main.articles set status = iif(gone_at is null, 'live', 'gone') where id = ?", (article_id,)
        )
        row = connection.execute("select title, source_raw, body from main.articles where id = ?", (article_id,))
        write_full_text(connection, article_id, tuple(row.fetchone()))


def merge_findings(connection: sqlite3.Connection) -> None:
    """Add their findings; those of one kind, address and field that held at one time are one."""
    for row in connection.execute("select * from source.findings order by id").fetchall():
        run = connection.execute("select new from temp.map_runs where old = ?", (row["run_id"],)).fetchone()
        _add_finding(connection, dict(row) | {"id": None, "run_id": run and run["new"]})


def _add_finding(connection: sqlite3.Connection, finding: Finding) -> None:
    ours = connection.execute(OVERLAPPING, finding).fetchone()
    if ours is not None:  # joined they may reach to a further one
        connection.execute("delete from main.findings where id = ?", (ours["id"],))
        _add_finding(connection, _joined(dict(ours), finding))
        return
    marks = ", ".join(f":{name}" for name in finding)
    connection.execute(f"insert into main.findings ({', '.join(finding)}) values ({marks})", finding)


def _joined(ours: Finding, theirs: Finding) -> Finding:
    later, earlier = (theirs, ours) if theirs["last_seen_at"] > ours["last_seen_at"] else (ours, theirs)
    ends = [row["resolved_at"] for row in (ours, theirs)]
    end = max((each for each in ends if each), default=None)
    if None in ends and end and end < later["last_seen_at"]:  # the one that is open was seen after that
        end = None
    return ours | {
        "detail": later["detail"],
        "first_seen_at": min(ours["first_seen_at"], theirs["first_seen_at"]),
        "last_seen_at": later["last_seen_at"],
        "resolved_at": end,
        **{name: later[name] or earlier[name] for name in ("acknowledged_at", "note")},
    }


def merge_pairs(connection: sqlite3.Connection) -> None:
    """Pair what links pair now that both sides are here, what a person said last, and what is alike."""
    for en_id, zh_id, kind in connection.execute(SAID_OF_PAIRS).fetchall():
        connection.execute("delete from main.translations where en_id = ? and zh_id = ?", (en_id, zh_id))
        if kind == "pair":
            add_pair(connection, en_id, zh_id, PERSON)
        link_article(connection, en_id)
    connection.execute("drop table if exists temp.paired")
    connection.execute(f"create temp table paired as {PAIRED}")
    for (article_id,) in connection.execute("select article_id from temp.paired"):
        link_article(connection, article_id)
    connection.execute(ALIKE)
    connection.execute(CANDIDATES)
