// pages.mjs - opens every page in Chromium, in both languages and themes, wide and narrow.
//
//   node pages.mjs BASE OUTDIR PATH...
//
// Fails on: an accessibility violation (axe, WCAG 2.2 AA), content wider than the screen at
// 320 px, an error on the console (a broken content policy shows there), a page over its
// weight. Writes a screenshot of each to OUTDIR.
import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const [base, out, ...paths] = process.argv.slice(2);
const limits = { total: 60 * 1024, html: 8 * 1024, js: 2 * 1024, requests: 6 };
let checks = 0, failed = 0;

function check(ok, what) {
  checks++;
  if (ok) return;
  failed++;
  console.error('FAILED: ' + what);
}

async function visit(browser, path, lang, theme, width) {
  const name = `${path.replaceAll('/', '_') || '_'}-${lang}-${theme}-${width}`;
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme,
    locale: lang, bypassCSP: false, deviceScaleFactor: width < 500 ? 2 : 1 });
  const page = await context.newPage();
  page.on('console', (m) => m.type() === 'error' && check(false, `${name}: console: ${m.text()}`));
  page.on('pageerror', (e) => check(false, `${name}: ${e.message}`));
  const response = await page.goto(`${base}${path}?lang=${lang}`, { waitUntil: 'networkidle' });
  check(response.status() === 200, `${name}: status ${response.status()}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  check(wide <= 0, `${name}: ${wide} px wider than the screen`);
  check((await page.getAttribute('html', 'lang')) === lang, `${name}: language of the page`);
  if (width === 1280 || width === 390) {
    await page.screenshot({ path: `${out}/${name}.png`, fullPage: true });
    // axe is ours, not the page's: it goes in past the content policy, by the debugger
    await page.evaluate((await import('node:fs')).readFileSync(axe, 'utf8'));
    const result = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
    for (const v of result.violations)
      check(false, `${name}: ${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join(', ')}`);
    check(result.passes.length > 5, `${name}: axe looked at ${result.passes.length} rules`);
  }
  await context.close();
}

// What the first visit costs, as it comes over the wire.
async function weigh(browser, path) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  const size = new Map(), kind = new Map();
  await cdp.send('Network.enable');
  cdp.on('Network.responseReceived', (e) => kind.set(e.requestId, e.type));
  cdp.on('Network.loadingFinished', (e) => size.set(e.requestId, e.encodedDataLength));
  await page.goto(base + path, { waitUntil: 'networkidle' });
  const sum = (type) => [...size].filter(([id]) => !type || kind.get(id) === type).reduce((a, [, n]) => a + n, 0);
  const shift = await page.evaluate(() => new Promise((resolve) => {
    let total = 0;
    new PerformanceObserver((l) => l.getEntries().forEach((e) => { total += e.value; })).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(total), 200);
  }));
  console.log(`${path}: ${size.size} requests, ${sum()} bytes, html ${sum('Document')}, js ${sum('Script')}, shift ${shift.toFixed(4)}`);
  check(size.size <= limits.requests, `${path}: ${size.size} requests`);
  check(sum() <= limits.total, `${path}: ${sum()} bytes in all`);
  check(sum('Document') <= limits.html, `${path}: html of ${sum('Document')} bytes`);
  check(sum('Script') <= limits.js, `${path}: js of ${sum('Script')} bytes`);
  check(shift <= 0.01, `${path}: layout shift ${shift}`);
  await context.close();
}

// Every page works without JavaScript.
async function withoutScript(browser, path) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(base + path);
  check((await page.locator('h1').count()) === 1, `${path}: one h1 without JavaScript`);
  check(!(await page.locator('[data-theme-toggle]').isVisible()), `${path}: no dead button without JavaScript`);
  await context.close();
}

mkdirSync(out, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
for (const path of paths) {
  for (const lang of ['it', 'en'])
    for (const theme of ['light', 'dark'])
      for (const width of [320, 390, 768, 1280]) await visit(browser, path, lang, theme, width);
  await weigh(browser, path);
  await withoutScript(browser, path);
}
await browser.close();
console.log(`checks: ${checks}, failed: ${failed}`);
process.exit(failed || !checks ? 1 : 0);
