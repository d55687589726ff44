// SPDX-License-Identifier: Apache-2.0
// A daemon that stands still is seen within 2 s, on every screen; a page whose console does not answer turns grey and says so.
import {check} from '../bench.mjs';

const SEEN_MS_MAX = 2000;
const TURNS = 3;

async function stopped(bench, page) {
    await page.waitForSelector('.health .state.good');
    bench.signal('settlement', 'SIGSTOP');
    const began = Date.now();
    try {
        await page.waitForSelector('.health .state.bad', {timeout: 10000});
        const took = Date.now() - began;
        check((await page.locator('.health').innerText()).includes('settlement'), 'not named');
        return took;
    } finally {
        bench.signal('settlement', 'SIGCONT');
    }
}

export async function scenario(bench) {
    const page = await bench.open('now'), took = [];
    for (let turn = 0; turn < TURNS; turn++)
        took.push(await stopped(bench, page));
    console.log(`        a stopped daemon was seen after ${took.join(', ')} ms`);
    check(Math.max(...took) <= SEEN_MS_MAX, `seen after ${took} ms`);
    await page.waitForSelector('.health .state.good', {timeout: 10000});

    page.forgiving = true; // the browser tells of each request that is cut
    await page.route('**/api/status', route => route.abort());
    await page.waitForSelector('.health .state.unknown', {timeout: 10000});
    await page.waitForSelector('.panel.doubtful', {timeout: 10000});
    check(await page.locator('.health .state.good').count() === 0, 'a page without answers looks well');
    await page.unroute('**/api/status');
    await page.waitForSelector('.health .state.good', {timeout: 20000});
    check(await page.locator('.panel.doubtful').count() === 0, 'still grey');
}
