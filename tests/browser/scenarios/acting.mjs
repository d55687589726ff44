// SPDX-License-Identifier: Apache-2.0
// An action: a dialog that keeps the focus, ends by Escape, demands a reason and shows what came of it; it stands in the operators' log with
// who and why. An alert of a real Prometheus is seen and acknowledged.
import {check} from '../bench.mjs';

const REASON = 'the second line moves to the new room';

async function dialogOf(page, button) {
    await page.getByRole('button', {name: button, exact: true}).first().click();
    await page.waitForSelector('dialog[open]');
}

async function focusStays(page) {
    for (let turn = 0; turn < 8; turn++) {
        await page.keyboard.press('Tab');
        check(await page.evaluate(() => document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)), 'the focus leaves the dialog');
    }
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', {state: 'detached'});
}

async function send(page, reason) {
    check(await page.locator('dialog button[type=submit]').isDisabled(), 'goes without a reason');
    await page.fill('dialog textarea', reason);
    await page.click('dialog button[type=submit]');
    await page.getByRole('button', {name: 'Close', exact: true}).waitFor({timeout: 20000});
    const said = await page.locator('dialog').innerText();
    check(await page.locator('dialog .notice.good').count() === 1, `not done: ${said}`);
    await page.getByRole('button', {name: 'Close', exact: true}).click();
    await page.waitForSelector('dialog', {state: 'detached'});
}

async function keys(bench, page) {
    await dialogOf(page, 'New connection key');
    await focusStays(page);
    await dialogOf(page, 'New connection key');
    await bench.accessible(page, 'the dialog of an action');
    await page.fill('dialog input[name=name]', 'second-line');
    await send(page, REASON);
    const row = page.locator('tr', {hasText: 'second-line'});
    await row.waitFor({timeout: 5000});
    await row.getByRole('button', {name: 'Revoke'}).click();
    await send(page, 'tried, and not wanted');
    await page.locator('tr', {hasText: 'second-line'}).filter({hasText: 'revoked'}).waitFor({timeout: 5000});
}

async function recorded(bench, page) {
    await bench.go(page, 'actions');
    const row = page.locator('tr', {hasText: REASON});
    await row.waitFor({timeout: 10000});
    const text = await row.innerText();
    check(/operator/.test(text) && /keys new/.test(text) && /second-line/.test(text), `the operators' log says: ${text}`);
    await page.fill('input[name=who]', 'nobody-of-that-name');
    await page.getByRole('button', {name: 'Show', exact: true}).click();
    await page.getByText('no such action').waitFor({timeout: 5000});
}

async function acknowledged(bench, page) {
    await bench.go(page, 'alerts');
    if (await page.getByText('does not say that there are none').count() === 1) {
        console.log('        without a Prometheus, alerts are not known, and the screen says so');
        return;
    }
    const row = page.locator('tr', {hasText: 'HutongSigningKeyEndsIn30'});
    await row.waitFor({timeout: 20000});
    await row.getByRole('button', {name: 'Acknowledge'}).click();
    await send(page, 'the next key is ordered');
    await page.locator('tr', {hasText: 'operator: the next key is ordered'}).waitFor({timeout: 5000});
    await bench.picture(page, 'alerts-acknowledged-en');
}

export async function scenario(bench) {
    const page = await bench.open('parties', {language: 'en'});
    await keys(bench, page);
    await recorded(bench, page);
    await acknowledged(bench, page);
}
