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

{% void page_mark(struct page *o, enum view_tone tone) { %}
{% if (tone == VIEW_GOOD) { %}
<svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="8"/><path class="line" d="M4.4 8.4l2.5 2.9 4.9-6.1"/></svg>
{%end else if (tone == VIEW_BAD) { %}
<svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 0l8 8-8 8-8-8z"/><path class="line" d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"/></svg>
{%end else if (tone == VIEW_WARN) { %}
<svg viewBox="0 0 16 16" aria-hidden="true"><circle class="ring" cx="8" cy="8" r="7"/><path d="M8 1a7 7 0 000 14z"/></svg>
{%end else { %}
<svg viewBox="0 0 16 16" aria-hidden="true"><circle class="ring" cx="8" cy="8" r="7"/><path class="ring" d="M5 8h6"/></svg>
{%end%}
{% } %}
