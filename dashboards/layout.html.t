{% #include "collaudo/view.h" %}
{% void page_begin(struct page *o, const struct view_frame *f) { %}
<!doctype html>
<html lang="{% page_html(o, o->lang == PAGE_IT ? "it" : "en"); %}"{% if (*f->theme) { %} data-theme="{f->theme}"{%end%}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>{f->title} · Collaudo</title>
<link rel="icon" href="{f->icon}">
<link rel="preload" href="/static/inter-400.woff2" as="font" type="font/woff2" crossorigin>
<link rel="preload" href="/static/inter-600.woff2" as="font" type="font/woff2" crossorigin>
<link rel="stylesheet" href="{f->css}">
<script src="{f->js}" defer></script>
</head>
<body>
<a class="skip" href="#main">{t:skip}</a>
<header class="top"><div class="wrap bar">
<a class="brand" href="/"><svg viewBox="0 0 22 22" aria-hidden="true"><rect width="22" height="22" rx="5"/><path d="M5 12l4 4 8-10"/></svg>Collaudo</a>
<nav aria-label="{t:nav_main}"><ul>
<li><a href="/"{% if (!f->pilot) { %} aria-current="page"{%end%}>{t:nav_pilots}</a></li>
{% if (f->pilot) { %}
<li><a href="/pilots/{f->pilot}" aria-current="page">{t:nav_pilot}</a></li>
{%end%}
</ul></nav>
<div class="tools">
{% if (o->lang == PAGE_IT) { %}
<a href="{f->other_lang}" hreflang="en" lang="en">English</a>
{%end else { %}
<a href="{f->other_lang}" hreflang="it" lang="it">Italiano</a>
{%end%}
<button type="button" data-theme-toggle hidden aria-pressed="false">{t:dark}</button>
</div>
</div></header>
{% if (f->replay) { %}
<div class="replay"><div class="wrap"><strong>{t:replay_title}</strong> {f->replay}</div></div>
{%end%}
<main id="main" tabindex="-1"><div class="wrap stack">
{% } %}

{% void page_end(struct page *o, const struct view_frame *f) { %}
</div></main>
<footer><div class="wrap">
{% if (f->min_group) { %}
<p>{% if (f->weekly) { %}{t:foot_groups_weekly(f->min_group)}{%end else { %}{t:foot_groups(f->min_group)}{%end%} {t:foot_purpose}</p>
{%end%}
<p>{t:foot_collaudo(f->version)}</p>
</div></footer>
</body>
</html>
{% } %}
