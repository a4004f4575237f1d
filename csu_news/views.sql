-- The archive's reading side, dropped and made anew after every migration. A semicolon ends a view only.

create view article_list as
select a.id, a.key, a.url, a.site, a.column_id, a.language, a.title, a.published, a.source_raw as source,
       a.word_count, a.revision_count, a.status, a.first_seen_at, a.last_changed_at
from articles a where a.status <> 'withheld';

create view articles_per_month as
select site, language, substr(published, 1, 7) as month, count(*) as articles
from articles where status <> 'withheld' and published is not null group by site, language, month;

create view source_spellings as
select s.name as source, s.name_en, s.name_zh, s.institution, sa.alias as spelling, sa.institution as printed_by,
       count(distinct a.id) as articles, sa.merged_into
from article_sources x join articles a on a.id = x.article_id join source_aliases sa on sa.id = x.alias_id
join sources s on s.id = sa.source_id
where a.status <> 'withheld' group by sa.id;

create view articles_per_source_year as
select s.name as source, s.institution, substr(a.published, 1, 4) as year, count(distinct a.id) as articles
from article_sources x join articles a on a.id = x.article_id join source_aliases sa on sa.id = x.alias_id
join sources s on s.id = sa.source_id
where a.status <> 'withheld' group by s.id, year;

create view translation_pairs as
select e.key as en_key, z.key as zh_key, e.url as en_url, z.url as zh_url, e.title as en_title, z.title as zh_title,
       e.published as en_published, z.published as zh_published, t.evidence, t.score
from translations t join articles e on e.id = t.en_id join articles z on z.id = t.zh_id
where e.status <> 'withheld' and z.status <> 'withheld';

create view untranslated_articles as
select a.key, a.url, a.language, a.title, a.published from articles a
where a.status <> 'withheld'
  and not exists (
    select 1 from translations t join articles p on p.id = iif(t.en_id = a.id, t.zh_id, t.en_id)
    where (t.en_id = a.id or t.zh_id = a.id) and p.status <> 'withheld');

create view changed_articles as
select key, url, title, published, revision_count, last_changed_at
from articles where revision_count > 1 and status <> 'withheld';

create view gone_articles as
select key, url, title, published, gone_at from articles where status = 'gone';

create view holes as
select p.id as page_id, p.url, p.site, p.column_id, p.kind,
       case when p.state = 'new' then 'never fetched'
         when p.state = 'ok' or p.state = 'gone' and p.kind = 'article' and p.article_id is not null then 'not stored'
         when r.id is not null then 'leads elsewhere' else p.state end as why,
       p.state = 'gone' and (p.kind <> 'article' or p.article_id is null) or r.id is not null as is_sites_own,
       iif(a.status = 'withheld', null, f.url) as linked_from, l.rel, p.due_at
from pages p
left join findings r on p.state = 'refused' and p.kind <> 'list' and r.kind = 'redirect'
  and coalesce(r.url, '') = +p.url and coalesce(r.field, '') = '' and r.resolved_at is null
left join links l on l.id = (
  select id from links where to_id = p.id and rel in ('prev', 'next', 'list', 'redirect', 'translation')
  order by rel not in ('prev', 'next'), id limit 1)
left join pages f on f.id = coalesce(l.from_id, p.discovered_from)
left join articles a on a.id = f.article_id
where p.kind in ('article', 'part', 'list')
  and (p.kind = 'article' and not exists (select 1 from articles where id = p.article_id)
    or p.kind = 'part' and exists (
      select 1 from parts t join articles w on w.id = t.article_id
      where t.article_id = p.article_id and t.page_id = p.id and t.fetch_id is null and w.status <> 'withheld')
    or p.kind = 'list' and iif(p.state = 'gone', p.priority = 0, p.fetched_at is null))
  and not exists (select 1 from links where from_id = p.id and rel = 'redirect');

create view chain_gaps as
select page_id, url, site, column_id, kind, why, linked_from, rel, due_at from holes where not is_sites_own;

create view open_findings as
select id, kind, url, field, detail, first_seen_at, last_seen_at, acknowledged_at, note
from findings
where resolved_at is null
  and coalesce(url, '') not in (
    select p.url from articles a join pages p on p.article_id = a.id where a.status = 'withheld');

create view citations as
select a.key, a.title, a.source_raw as source, a.published, a.url, s.title as site_title, a.language,
       f.fetched_at as archived_at, w.name as warc_file, f.warc_offset, f.warc_record_id, a.content_sha256
from articles a join sites s on s.name = a.site
left join fetches f on f.id = a.fetch_id left join warc_files w on w.id = f.warc_file_id
where a.status <> 'withheld';

create view field_coverage as
select r.site, f.column_id, f.field, f.run_id, r.started_at, f.pages, f.filled, f.expected, f.missing,
       round(1.0 * f.filled / f.pages, 3) as share, f.example
from run_fields f join runs r on r.id = f.run_id;
