/**
 * GraphiQL as two people use it, in a real browser. Skipped by name where there is no Chromium; with SCREENSHOT=1 it
 * writes the README's picture.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type App, startApp } from '../src/app.ts';
import { silentLogger } from '../src/chat/logger.ts';
import { readConfig } from '../src/config/config.ts';

const executablePath = '/usr/bin/chromium';
const picture = new URL('../docs/images/graphiql.png', import.meta.url).pathname;
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-sync',
  '--no-first-run',
];
const isThere = existsSync(executablePath);
if (!isThere && process.env.REQUIRE_SERVICES === '1') throw new Error(`there is no ${executablePath}`);

describe.skipIf(!isThere)(`GraphiQL in a browser${isThere ? '' : ` (skipped: no ${executablePath})`}`, () => {
  let folder: string;
  let app: App;
  let browser: Browser;
  let context: BrowserContext;
  const elsewhere: string[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'backscroll-graphiql-'));
    app = await startApp(readConfig({ DATA_DIR: folder, PORT: '0' }), silentLogger);
    browser = await chromium.launch({ executablePath, args });
    context = await browser.newContext({ viewport: { width: 1120, height: 1440 }, deviceScaleFactor: 1.25 });
    context.on('request', (request) => {
      const url = request.url();
      if (![app.url, 'data:', 'blob:'].some((ours) => url.startsWith(ours))) elsewhere.push(url);
    });
    context.on('page', (page) => {
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('websocket', (socket) => {
        if (!socket.url().startsWith(app.url.replace('http:', 'ws:'))) elsewhere.push(socket.url());
      });
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await app?.close();
    await rm(folder, { recursive: true });
  });

  async function open(as: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`${app.url}/graphql?as=${as}`);
    await page.locator('.graphiql-tab-button', { hasText: 'Send' }).waitFor();
    return page;
  }
  /** GraphiQL's tabs can be dragged, and now and then it takes a click for the beginning of that. */
  const choose = (page: Page, tab: string) =>
    vi.waitFor(
      async () => {
        await page.locator('.graphiql-tab-button', { hasText: tab }).click();
        expect(await page.locator('.graphiql-tab-active').textContent()).toContain(tab);
        // The editor follows a moment later, and running runs what is in it.
        expect(await page.locator('.graphiql-query-editor').textContent()).toContain(`${tab}(`);
      },
      { timeout: 30_000, interval: 300 },
    );
  const run = (page: Page) => page.locator('.graphiql-execute-button').click();
  /**
   * Waits until the answer holds a text. For a moment after a change of tabs GraphiQL still names the operation of the
   * tab before, and asks nobody: a person presses again, and so does this. The editor's spaces are not plain ones.
   */
  const answers = (page: Page, text: string) =>
    expect
      .poll(
        async () => {
          const shown = (await page.locator('.graphiql-response').textContent())?.replaceAll('\u00a0', ' ');
          if (shown?.includes('Cannot infer operation') === true) await run(page);
          return shown;
        },
        { timeout: 30_000, interval: 200 },
      )
      .toContain(text);

  test('what one sends, the other sees at once, in two tabs of one browser', {
    timeout: 120_000,
  }, async () => {
    const ada = await open('ada');
    const grace = await open('grace');
    await run(ada);
    await answers(ada, 'Ada Lovelace');

    await choose(grace, 'Follow');
    await run(grace);
    await answers(grace, 'CaughtUp');
    await choose(ada, 'Send');
    await run(ada);
    await answers(ada, '"isDuplicate": false');
    await answers(grace, 'Hello from GraphiQL');
    await answers(grace, 'Ada Lovelace');

    await choose(ada, 'React');
    await run(ada);
    await answers(ada, '"count": 1');
    await answers(grace, '"__typename": "ReactionChanged"');

    // The other way round: each tab is its own person, though they share a browser's storage.
    await ada.reload();
    await expect
      .poll(() => ada.locator('.graphiql-tab-button').allTextContents())
      .toEqual(['Look', 'Send', 'React', 'Follow']);
    await choose(ada, 'Follow');
    await run(ada);
    await answers(ada, 'CaughtUp');
    await choose(grace, 'Send');
    await run(grace);
    await answers(grace, '"isDuplicate": false');
    await answers(ada, 'Grace Hopper');

    await answers(ada, 'Hello from GraphiQL');
    if (process.env.SCREENSHOT === '1') await photograph(grace, ada);
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });

  /** Both people side by side, 1400 × 900. */
  async function photograph(left: Page, right: Page): Promise<void> {
    const [one, two] = await Promise.all([left.screenshot(), right.screenshot()]);
    const frame = await browser.newPage({ viewport: { width: 1400, height: 900 }, deviceScaleFactor: 1.5 });
    const image = (png: Buffer) =>
      `<img src="data:image/png;base64,${png.toString('base64')}" width="700" height="900">`;
    await frame.setContent(`<body style="margin:0;display:flex">${image(one)}${image(two)}</body>`);
    await writeFile(picture, await frame.screenshot());
    await frame.close();
  }
});
