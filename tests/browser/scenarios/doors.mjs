// SPDX-License-Identifier: Apache-2.0
// Who may not: another Host, another page's Origin, no token, a viewer who acts; a used link; somebody who is not logged in.
import {check} from '../bench.mjs';

async function refused(bench, status, what, method, target, headers, body) {
    const got = await bench.request(method, target, headers, body);
    check(got.status === status, `${what}: ${got.status} ${JSON.stringify(got.body)}`);
    check(got.body.code && got.body.zh && got.body.en, `${what}: not said in both languages: ${JSON.stringify(got.body)}`);
}

export async function scenario(bench) {
    await bench.open('now');
    const viewer = await bench.open('parties', {user: 'viewer'});
    const mine = await bench.headersOf('operator'), theirs = await bench.headersOf('viewer');
    const act = JSON.stringify({party: '110000', name: 'second', reason: 'a viewer tries'});
    check((await bench.request('POST', '/api/status', mine, '{}')).status === 200, 'what is right is refused');
    await refused(bench, 421, 'wrong Host', 'POST', '/api/status', {...mine, Host: 'elsewhere.example'}, '{}');
    await refused(bench, 403, 'foreign Origin', 'POST', '/api/status', {...mine, Origin: 'http://elsewhere.example'}, '{}');
    await refused(bench, 403, 'foreign Sec-Fetch-Site', 'POST', '/api/status', {...mine, 'Sec-Fetch-Site': 'cross-site'}, '{}');
    await refused(bench, 403, 'no token', 'POST', '/api/status', {...mine, 'X-Hutong-Token': ''}, '{}');
    await refused(bench, 401, 'nobody', 'POST', '/api/status', {...mine, Cookie: ''}, '{}');
    await refused(bench, 403, 'a viewer acts', 'POST', '/api/keys-new', theirs, act);
    check(await viewer.locator('main .row button').count() === 0, 'a viewer is offered an action');

    const used = await bench.browser.newContext(), page = await used.newPage();
    await page.goto(bench.given.links.operator);
    await page.waitForSelector('.login .notice.bad');
    check(!page.url().includes('login='), 'a used token stays in the address');
    await used.close();
}
