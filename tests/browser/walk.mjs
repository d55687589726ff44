// SPDX-License-Identifier: Apache-2.0
// Every screen in both languages, light and dark, at a desk's and a phone's width: each pair of these three at least once.
import {check} from './bench.mjs';

const VIEWS = [['zh', 'light', 1280], ['en', 'dark', 1280], ['zh', 'dark', 390], ['en', 'light', 390]];
const SETTLE_MS = 150; // charts are drawn in the frame after

async function sound(bench, page, screen, width, what) {
    const seen = await page.evaluate(() => ({text: document.body.innerText, scroll: document.documentElement.scrollWidth, title: document.title, lang: document.documentElement.lang}));
    const odd = seen.text.match(/\[\w+\.\w+\]|undefined|NaN|\[object|Invalid Date/);
    check(!odd, `${what}: "${odd}" is shown: ${seen.text.slice(Math.max(0, odd?.index - 80), odd?.index + 80)}`);
    check(seen.scroll <= width, `${what}: ${seen.scroll} px wide`);
    check(seen.title.length > 3 && seen.lang.length > 1, `${what}: no title, no language`);
    check(await page.locator('main h1').count() === 1, `${what}: not one heading`);
}

export async function walk(bench) {
    const screens = await (await bench.open('now')).evaluate(() => import('/screens.js').then(each => each.SCREENS.map(row => row.path)));
    for (const [language, theme, width] of VIEWS) {
        const page = await bench.open(screens[0], {language, theme, width});
        for (const screen of screens) {
            const what = `${screen}, ${language} ${theme} ${width}`;
            await bench.go(page, screen);
            await page.waitForTimeout(SETTLE_MS);
            await sound(bench, page, screen, width, what);
            await bench.accessible(page, what);
            if (width > 600 || screen === 'now')
                await bench.picture(page, `${screen}-${language}${width < 600 ? '-phone' : ''}`);
        }
        await page.context().close();
    }
    console.log(`        ${screens.length} screens, ${VIEWS.length} views each: axe finds nothing, nothing is wider than the window`);
}
