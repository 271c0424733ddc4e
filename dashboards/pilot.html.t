{% #include "collaudo/view.h" %}
{% static void head(struct page *o, const struct view_pilot *v) { %}
<div class="row between">
<div>
<p class="muted small">{t:pilot_of(v->company, v->people, v->teams)}</p>
<h1>{v->name}</h1>
</div>
<div>
<p class="small muted">{v->when}</p>
<ol class="steps" aria-hidden="true">
{% for (int i = 0; i < v->weeks; i++) { %}
<li{% if (i < v->weeks_done) { %} class="done"{%end else if (i < v->weeks_begun) { %} class="now"{%end%}></li>
{%end%}
</ol>
</div>
</div>
{% } %}

{% static void answer(struct page *o, const struct view_pilot *v) { %}
{% if (*v->notice) { %}
<p class="notice" role="status">{v->notice}</p>
{%end%}
<section class="card verdict {view_tone_class(v->tone)}" aria-labelledby="verdict">
<div class="answer">
<div>
<p class="muted small">{v->eyebrow}</p>
<h2 id="verdict">{v->verdict}</h2>
<p>{v->rule}</p>
{% if (*v->provisional) { %}
<p class="muted">{v->provisional}</p>
{%end%}
</div>
{% if (v->sums_n) { %}
<ul class="sum">
{% for (size_t i = 0; i < v->sums_n; i++) { %}
<li><span class="tag {view_tone_class(v->sums[i].tone)}">{% page_mark(o, v->sums[i].tone); %}{v->sums[i].text}</span></li>
{%end%}
</ul>
{%end%}
</div>
</section>
{% } %}

{% static void holds_back(struct page *o, const struct view_pilot *v) { %}
<div class="side">
<section class="card"><h2>{v->holds_title}</h2>
{% if (!v->holds_n) { %}
<p>{v->holds_none}</p>
{%end else { %}
<ul class="plain">
{% for (size_t i = 0; i < v->holds_n; i++) { %}
<li><h3>{v->holds[i].title}</h3><p class="small muted">{v->holds[i].text}</p></li>
{%end%}
</ul>
{%end%}
</section>
<section class="card"><h2>{v->next_title}</h2>
{% if (!v->next_n) { %}
<p>{v->next_none}</p>
{%end else { %}
<ol class="do">
{% for (size_t i = 0; i < v->next_n; i++) { %}
<li><div><p>{v->next[i].title}</p>{% if (*v->next[i].text) { %}<p class="small muted">{v->next[i].text}</p>{%end%}</div></li>
{%end%}
</ol>
{%end%}
</section>
</div>
{% } %}

{% static void criteria(struct page *o, const struct view_pilot *v) { %}
<section aria-labelledby="criteria">
<h2 id="criteria" class="read">{t:criteria_title}</h2>
<div class="three">
{% for (size_t i = 0; i < v->cards_n; i++) { const struct view_card *c = &v->cards[i]; %}
<section class="card kpi"><h3>{c->title}</h3>
<div class="value number">{c->value} <small>{c->target}</small></div>
<div class="muted small">{c->detail}</div>
<span class="tag {view_tone_class(c->tone)}">{% page_mark(o, c->tone); %}{c->state}</span>
</section>
{%end%}
</div>
</section>
{% } %}

{% static void chart(struct page *o, const struct view_pilot *v) { %}
<figure class="card">
<figcaption><h2>{v->chart_title}</h2><p>{v->chart_subtitle}</p></figcaption>
{!v->chart_wide}
{!v->chart_narrow}
<p class="source">{v->chart_source}</p>
{% if (v->rows_n) { %}
<details><summary>{t:table_summary}</summary>
<div class="scroll"><table>
<thead><tr><th scope="col">{t:table_week}</th><th scope="col" class="n">{t:table_active}</th><th scope="col" class="n">{t:table_of}</th><th scope="col" class="n">%</th></tr></thead>
<tbody>
{% for (size_t i = 0; i < v->rows_n; i++) { %}
<tr><th scope="row">{v->rows[i].week}</th><td class="n">{v->rows[i].num}</td><td class="n">{v->rows[i].den}</td><td class="n">{v->rows[i].share}</td></tr>
{%end%}
</tbody>
</table></div>
</details>
{%end%}
</figure>
{% } %}

{% void page_pilot(struct page *o, const struct view_pilot *v) {
    page_begin(o, &v->frame);
    head(o, v);
    answer(o, v);
    criteria(o, v);
%}
<div class="two">
{%  holds_back(o, v);
    chart(o, v); %}
</div>
<section class="card"><h2>{t:data_title}</h2><p>{v->data_line}</p></section>
{%  page_end(o, &v->frame);
} %}
