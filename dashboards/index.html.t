{% #include "collaudo/view.h" %}
{% void page_index(struct page *o, const struct view_index *v) {
    page_begin(o, &v->frame); %}
<h1>{t:nav_pilots}</h1>
{% if (!v->pilots_n) { %}
<section class="card"><h2>{t:index_none}</h2><p>{t:index_none_next}</p></section>
{%end else { %}
<div class="three list">
{% for (size_t i = 0; i < v->pilots_n; i++) { const struct view_index_row *p = &v->pilots[i]; %}
<section class="card">{% if (!*p->beside) { %}<p class="muted small">{p->company}</p>{%end%}<h2><a href="/pilots/{p->code}">{p->name}{% if (*p->beside) { %} <span class="muted small">· {p->beside}</span>{%end%}</a></h2>
<p>{% if (p->judged) { %}<span class="tag {view_tone_class(p->tone)}">{% page_mark(o, p->tone); %}{p->state}</span>{%end else { %}{p->state}{%end%}</p>
<p class="small muted">{p->when}</p>{% if (p->replay) { %}<p class="small muted">{t:replay_title}</p>{%end%}</section>
{%end%}
</div>
{%end%}
{%  page_end(o, &v->frame);
} %}

{% void page_error(struct page *o, const struct view_error *v) {
    page_begin(o, &v->frame); %}
<section class="card"><h1>{v->title}</h1><p>{v->text}</p><p class="muted small" lang="en">{v->detail}</p><p class="muted small">{t:error_id(v->request)}</p><p><a href="/">{t:error_home}</a></p></section>
{%  page_end(o, &v->frame);
} %}
