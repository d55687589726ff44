// SPDX-License-Identifier: Apache-2.0
// What somebody does about one bill, one transfer, one dead letter: a bill found by its number and explained to the fen, a cell of the matrix to a
// message, a dead letter requeued with a reason, a transfer that is late, a bill calculated as `hutong calc` has it.
import {execFileSync} from 'node:child_process';
import {check} from '../bench.mjs';

const yuan = fen => (Number(fen) / 100).toLocaleString('en-US', {minimumFractionDigits: 2});

async function found(bench, page) {
    const [bill] = await bench.hutong('flow', '--kind', 'bills', '--limit', '1');
    await bench.go(page, 'message');
    await page.fill('input[name=what]', bill.number);
    await page.selectOption('select[name=how]', 'number');
    await page.click('form[role=search] button');
    await page.click(`main .table a.position:text-is("${bill.position}")`);
    await page.waitForSelector('h2:has-text("Every fen explained")');
    check(!page.url().includes(bill.number), 'the number stands in the address');
    const [message] = await bench.hutong('track', String(bill.position)), text = await page.locator('main').innerText();
    check(text.includes(message.audit.messageId) && text.includes(yuan(bill.amountFen)), 'another message is shown');
    for (const step of message.explained.steps)
        check(text.includes(step.en) && (!step.after || text.includes(step.after)), `a step is not shown: ${JSON.stringify(step)}`);
    check(/\d{6}\*{8}/.test(text) && !/[1-6]\d{5}(19|20)\d{9}[\dX]/.test(text), 'not masked');
    await page.click('button:has-text("Get it and check it")');
    await page.waitForSelector('.notice.good:has-text("Holds")');
    await bench.accessible(page, 'a message');
    await bench.picture(page, 'message-explained-en');
}

// A leaf that is not the position's, and a path that is another one's, do not hold.
async function wrong(bench, page) {
    const [{position}] = await bench.hutong('flow', '--kind', 'bills', '--limit', '1');
    const [{proof}] = await bench.hutong('audit', 'prove', String(position), '--bare');
    const held = await page.evaluate(async ([text, position]) => {
        const {holds, readProof} = await import('/parts/proof.js');
        const whole = readProof(text), bent = readProof(text);
        bent.path[0][0] ^= 1;
        return [await holds(whole, position), await holds(whole, position + 1), await holds(bent, position), await holds({...whole, path: whole.path.slice(1)}, position)];
    }, [proof, position]);
    check(JSON.stringify(held) === '[true,false,false,false]', `proofs: ${held}`);
}

async function matrix(bench, page) {
    await bench.go(page, 'flow');
    const [day] = await bench.hutong('flow'), cell = day.cells.find(each => each.settled > 0 && each.to);
    const link = page.locator(`.matrix a[href*="care=${cell.from}"][href*="insured=${cell.to}"][href*="kind=bills"]`);
    check((await link.innerText()).replace(/\D/g, '').endsWith(String(cell.settled)), `the cell says ${await link.innerText()}, not ${cell.settled}`);
    await bench.picture(page, 'flow-en');
    await link.click();
    await page.waitForSelector('tr.opens');
    await bench.accessible(page, 'a list');
    const position = await page.locator('tr.opens a.position').first().innerText();
    await page.locator('tr.opens').first().press('Enter');
    await page.waitForSelector(`h2:has-text("The trail of ${position}")`);
}

async function requeued(bench, page) {
    await bench.go(page, 'dead');
    const before = await bench.hutong('dead', 'list');
    check(before.length >= 3, `${before.length} dead letters`);
    await bench.picture(page, 'dead-en');
    await page.locator(`tr:has(a.position:text-is("${before[0].position}")) button:text-is("Requeue")`).last().click();
    check(await page.locator('dialog button.primary').isDisabled(), 'without a reason');
    await page.fill('dialog textarea', 'the sender asked for it');
    await page.click('dialog button.primary');
    await page.waitForSelector('dialog .notice.good');
    await page.keyboard.press('Escape');
    await page.waitForSelector('main td:has-text("the sender asked for it")', {timeout: 10000});
    const after = await bench.hutong('dead', 'list'); // nobody can read it still: dead once more, in the place of the first
    check(!after.some(each => each.position === before[0].position), 'it is still there');
    const cause = after[0].cause, group = after.filter(each => each.cause === cause).map(each => each.position);
    await page.locator(`tr:has(button:text-is("${cause}")) button:text-is("Requeue")`).first().click();
    await page.fill('dialog textarea', 'all of this cause');
    await page.click('dialog button.primary');
    await page.waitForSelector('dialog .notice.good');
    await page.keyboard.press('Escape');
    const then = await bench.hutong('dead', 'list');
    check(then.filter(each => group.includes(each.position)).length === 0, 'some of the group were not sent again');
}

async function late(bench, page) {
    await bench.go(page, 'transfers');
    const [{transfers: [transfer]}] = await bench.hutong('transfer', 'list', '--overdue', '--limit', '1');
    await page.selectOption('select[name=due]', 'overdue');
    await page.waitForSelector(`a:text-is("${transfer.transferId}")`);
    check((await page.locator(`tr:has(a:text-is("${transfer.transferId}"))`).innerText()).includes('working days late'), 'not said to be late');
    await bench.picture(page, 'transfers-en');
    await page.click(`a:text-is("${transfer.transferId}")`);
    await page.waitForSelector('main tr.opens');
    await bench.accessible(page, 'a conversation');
    await page.locator('main tr.opens a.position').first().click();
    await page.waitForSelector('h2:has-text("The trail of")');
}

async function calculated(bench, page) {
    await bench.go(page, 'calculator');
    await page.click('button:has-text("Calculate")');
    await page.waitForSelector('.field-error');
    check(await page.evaluate(() => document.activeElement.name) === 'level1', 'the field with the fault has not the focus');
    const given = {level1: '12000.50', level2: '3000', level3: '100', from: '2025-03-01', to: '2025-03-10'};
    await page.waitForSelector('select[name=area] option[value="110000"]', {state: 'attached'});
    await page.selectOption('select[name=area]', '110000');
    for (const [name, value] of Object.entries(given))
        await page.fill(`input[name=${name}]`, value);
    await page.click('button:has-text("Calculate")');
    await page.waitForSelector('h2:has-text("Result")');
    const bill = await page.locator('pre').last().innerText(), [program, ...first] = bench.given.hutong;
    const said = JSON.parse(execFileSync(program, [...first, '--json', 'calc', '--published', '--level', '3', '-'], {input: bill}));
    const text = await page.locator('main').innerText();
    for (const amount of said.explained.amounts.filter(each => each.fen !== 0))
        check(text.includes(yuan(amount.fen)), `${amount.en}: ${amount.fen} is not shown`);
    await bench.accessible(page, 'a result');
    await bench.picture(page, 'calculator-result-en');
    await page.fill('input[name=diagnosis]', 'J18.900');
    await page.selectOption('select[name=care]', '14'); // wants the code of a disease
    await page.click('button:has-text("Calculate")');
    await page.waitForSelector('h2:has-text("would refuse")');
    check(await page.locator('.field-error').count() > 0, 'no field is marked');
}

export async function scenario(bench) {
    const page = await bench.open('message', {language: 'en'});
    await found(bench, page);
    await wrong(bench, page);
    await matrix(bench, page);
    await requeued(bench, page);
    await late(bench, page);
    await calculated(bench, page);
    const viewer = await bench.open('dead', {user: 'viewer', language: 'en'});
    check(await viewer.locator('main button:text-is("Requeue")').count() === 0, 'a viewer is offered an action');
}
