// SPDX-License-Identifier: Apache-2.0
// A month of clearing: what differs is seen down to the row and stated anew, a row disputed and a table confirmed by the regions' officers, the month
// issued, paid and printed, with the figures of `hutong clearing print`. A policy's end; from a flag to its bills and to a message.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {execFile} from 'node:child_process';
import {check} from '../bench.mjs';

export const data = 'month';
const REGIONS = ['110000', '120000', '130000'], NAMES = {110000: '北京', 120000: '天津', 130000: '河北'};

// `hutong WORDS…` as text; `input` to its standard input.
function hutong(bench, words, input = '') {
    const [program, ...first] = bench.given.hutong;
    return new Promise((resolve, reject) => {
        const child = execFile(program, [...first, ...words], {maxBuffer: 1 << 26}, (error, out, said) =>
            error && error.code > 1 ? reject(new Error(`hutong ${words.join(' ')}: ${said}`)) : resolve(out));
        child.stdin.end(input);
    });
}

const submit = (bench, day, input) => hutong(bench, ['submit', '--await', '--quiet', '--at', `${bench.given.year}${day}`, '-'], input);

// Records until what is due on that day has been said; then everybody is there.
async function tick(bench, day, count) {
    for (let at = 1; at <= count; at++)
        await submit(bench, day, JSON.stringify({version: 1, sender: 'exchange', tick: {number: String(at)}}));
    await hutong(bench, ['digest']);
}

// Both sides state what is still open, as the exchange has it.
async function stateAnew(bench, month, day) {
    const [head, ...lines] = (await hutong(bench, ['clearing', 'rows', month, '--open'])).trim().split('\n');
    const file = path.join(os.tmpdir(), `hutong-month-${process.pid}.csv`);
    const days = [...new Set(lines.map(line => line.split(',').slice(1, 3).join()))];
    const all = [...await rowsOf(bench, month), ...lines].filter(line => days.includes(line.split(',').slice(1, 3).join()));
    for (const [side, of] of [['care', row => row[2].slice(1, 3)], ['insured', row => row[5].slice(0, 2)]])
        for (const region of REGIONS) {
            const own = all.filter(line => of(line.split(',')) === region.slice(0, 2));
            fs.writeFileSync(file, [head, ...own].join('\n') + '\n');
            if (own.length)
                await submit(bench, day, await hutong(bench, ['reconcile', '--side', side, '--region', region, '--events', file]));
        }
    fs.unlinkSync(file);
    await hutong(bench, ['digest']);
}

const rowsOf = async (bench, month) => (await hutong(bench, ['clearing', 'rows', month])).trim().split('\n').slice(1);

const stepIs = (page, text) => page.waitForFunction(wanted => document.querySelector('.steps [aria-current=step] b')?.textContent === wanted, text, {timeout: 20000});

// The dialog that is open: fields, reason, sent; what came of it.
async function send(page, {reason, fields = {}}) {
    for (const [name, value] of Object.entries(fields))
        await page.fill(`dialog [name=${name}]`, value);
    if (reason)
        await page.fill('dialog [name=reason]', reason);
    await page.click('dialog [type=submit]');
    await page.waitForSelector('dialog .notice', {timeout: 15000});
    const kind = await page.locator('dialog .notice').first().getAttribute('class');
    check(kind.includes('good'), `it was not done: ${await page.locator('dialog').innerText()}`);
    await page.click('dialog footer .primary');
}

async function differences(bench, month) {
    const page = await bench.open(`clearing/${month}`, {user: 'officer.120000'});
    await stepIs(page, '未出表');
    const [known] = await bench.hutong('clearing', 'months', month);
    check(await page.locator('main tbody tr').filter({hasText: '核对不符'}).count() === known.turns.filter(each => each.task === 'CLEARING_TASK_AGREE').length, 'whose turn it is differs from the books');
    await bench.go(page, `clearing/${month}/differences`);
    const open = await bench.hutong('clearing', 'rows', month, '--open'), theirs = await bench.hutong('books', 'theirs', `${month}-01`, `${month}-31`);
    for (const row of open.filter(each => each.difference))
        check(await page.locator('tr', {hasText: row.billId}).filter({hasText: '相差一分'}).count() === 1, `bill ${row.billId} is not told as one fen off`);
    check(theirs.length === 1 && await page.locator('tr', {hasText: theirs[0].billId}).filter({hasText: '对方多结算'}).count() === 1, 'a bill too many is not told');
    check(open.some(each => each.difference) && await page.locator(`a[href="#/message/${open[0].number}"]`).count() === 1, 'a row does not lead to its message');
    await bench.accessible(page, 'differences');
    await bench.picture(page, 'clearing-differences');
    return page;
}

async function disputed(bench, page, month) {
    await bench.go(page, `clearing/${month}`);
    await stepIs(page, '待确认');
    await bench.go(page, `clearing/${month}/rows?insured=110000&care=120000`);
    const row = page.locator('tbody tr').first();
    const number = await row.locator('a.position').first().innerText();
    await row.getByRole('button', {name: '提出异议'}).click();
    await bench.accessible(page, 'a dispute');
    await send(page, {reason: '金额与病历不符，请核对'});
    await hutong(bench, ['digest']);
    const [reply] = await bench.hutong('clearing', 'replies', month);
    check(reply.action === 'CLEARING_ACTION_DISPUTE' && reply.region === '120000' && String(reply.numbers[0]) === number, `the dispute is not in the books: ${JSON.stringify(reply)}`);
    await bench.go(page, `clearing/${month}`);
    await page.waitForSelector(`tr:has-text("异议") a[href="#/message/${number}"]`, {timeout: 15000});
    await bench.picture(page, 'clearing-disputed');
    await page.context().close();
}

// The button in the line of this pair: a payment that was just said may stand there for a moment still.
const actOf = (page, from, to, name) => page.locator('tbody tr').filter({has: page.locator('.pair', {hasText: new RegExp(`^${NAMES[from]}.*${NAMES[to]}$`)})})
    .filter({has: page.getByRole('button', {name})}).getByRole('button', {name});

async function confirmed(bench, month) {
    const page = await bench.open(`clearing/${month}`, {user: 'officer.110000'});
    await actOf(page, '110000', '120000', '确认整表').click();
    await send(page, {reason: '核对无误'});
    await page.context().close();
    await hutong(bench, ['digest']);
    const [shown] = await bench.hutong('clearing', 'show', month);
    const table = shown.tables.find(each => each.insuredRegion === '110000' && each.careRegion === '120000');
    check(Number(table.confirmedByInsured) > 0 && !Number(table.confirmedByCare ?? 0), `not confirmed: ${JSON.stringify(table)}`);
    const viewer = await bench.open(`clearing/${month}`, {user: 'operator'});
    check(await viewer.getByRole('button', {name: /确认整表|已付款/}).count() === 0, 'the operator is offered a region’s act');
    const refused = await bench.request('POST', '/api/clearing-confirm', await bench.headersOf('operator'),
        JSON.stringify({month, insured: '110000', care: '120000', reason: 'the operator tries'}));
    check(refused.status === 403 && refused.body.code === 'NO_PARTY', `the operator confirms: ${JSON.stringify(refused)}`);
    await viewer.context().close();
}

async function paid(bench, month) {
    const [{payments}] = await bench.hutong('clearing', 'show', month);
    const day = `${bench.given.year}-07-08`;
    check(payments.length > 0, 'nothing is to be paid');
    for (const [side, button] of [['payer', '已付款'], ['payee', '确认收款']]) {
        for (const payment of payments) {
            const page = await bench.open(`clearing/${month}`, {user: `officer.${payment[side]}`});
            await actOf(page, payment.payer, payment.payee, button).click();
            await send(page, {reason: '按清算表付讫', fields: {paid_on: day}});
            await page.context().close();
        }
        await hutong(bench, ['digest']);
    }
    const page = await bench.open(`clearing/${month}`, {user: 'officer.120000'});
    await stepIs(page, '已结清');
    await bench.accessible(page, 'a month that is paid');
    await bench.picture(page, 'clearing-paid');
    await page.context().close();
}

const figures = text => [...new Set(text.replaceAll('−', '-').match(/-?[\d,]+\.\d\d(?!\d)/g))].sort();

async function printed(bench, month) {
    const page = await bench.open(`clearing/${month}/sheet`, {user: 'operator'});
    await page.waitForSelector('.sheet');
    const text = await hutong(bench, ['--language', 'zh', 'clearing', 'print', month]), sheet = await page.locator('.sheet').innerText();
    check(JSON.stringify(figures(sheet)) === JSON.stringify(figures(text)), `figures differ:\n${figures(sheet)}\n${figures(text)}`);
    for (const [words] of text.matchAll(/(?<=人民币\(大写\))\S+/g))
        check(sheet.includes('人民币' + words), `not in words: ${words}`);
    check(!sheet.includes('不得作为付款依据'), 'what is issued is called a draft');
    await page.emulateMedia({media: 'print'});
    check(!await page.locator('.menu').isVisible() && !await page.locator('button').first().isVisible(), 'the menu is printed');
    const pdf = await page.pdf({format: 'A4', preferCSSPageSize: true, printBackground: true});
    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
    check(pdf.subarray(0, 5).toString() === '%PDF-' && pages >= 1 && pages <= 2, `${pages} pages`);
    await page.setViewportSize({width: 794, height: 1123});
    await bench.picture(page, 'clearing-printed');
    await page.context().close();
}

async function ends(bench) {
    const page = await bench.open('policies', {user: 'viewer'}), soon = await bench.hutong('policy', 'versions', '--ending', '60');
    check(soon.length > 0, 'no policy ends');
    for (const row of soon)
        check(await page.locator('tr', {hasText: row.area}).filter({hasText: String(row.validTo).replace(/(....)(..)(..)/, '$1-$2-$3')}).count() > 0, `the end of ${row.area} ${row.insuranceType} is not seen`);
    await bench.accessible(page, 'policies');
    const two = (await bench.hutong('policy', 'versions', '110000', '310')).map(each => each.position);
    await bench.go(page, `policies/diff/${two.join('/')}`);
    await page.waitForSelector('main tbody tr');
    check(await page.locator('main tbody tr').count() === (await bench.hutong('policy', 'diff', ...two.map(String))).filter(each => !each.path.startsWith('policy.sources')).length, 'the differences are not all there');
    for (const below of [`policies/show/${two[1]}`, 'policies/catalogue?region=120000', 'policies/calendar/2025', 'policies/tables', 'policies/table/areas']) {
        await bench.go(page, below);
        await page.waitForSelector('main tbody tr');
        await bench.accessible(page, below);
    }
    await page.context().close();
}

async function flag(bench, month) {
    const flagged = (await bench.hutong('clearing', 'supervision', month)).filter(each => each.unusual?.length);
    check(flagged.length > 0, 'no institution has a flag');
    const page = await bench.open(`institutions/${month}`, {user: 'officer.120000'});
    await page.locator('a.flag', {hasText: /./}).first().click();
    await bench.known(page);
    await page.waitForSelector('main tbody a.position');
    const [{institution}] = flagged, word = decodeURIComponent(page.url().match(/flag=([^&]*)/)[1].replaceAll('+', ' '));
    const bills = await bench.hutong('clearing', 'flagged', month, institution, word);
    check(bills.length > 0, `the flag "${word}" of ${institution} has no bill`);
    check(await page.locator(`a[href="#/message/${bills[0].number}"]`).count() >= 1, 'a flagged bill does not lead to its message');
    await bench.accessible(page, 'a flag’s bills');
    await bench.picture(page, 'institutions-flag');
    await page.context().close();
}

async function narrow(bench, month) {
    const page = await bench.open(`clearing/${month}`, {language: 'en', theme: 'dark', width: 390, user: 'viewer'});
    for (const below of [`clearing/${month}`, `clearing/${month}/differences`, `clearing/${month}/sheet`, `institutions/${month}`, 'policies', 'policies/calendar/2025']) {
        await bench.go(page, below);
        await page.waitForTimeout(300);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        check(wide <= 390, `${below} is ${wide} px wide`);
        await bench.accessible(page, `${below}, at a phone's width`);
    }
}

export async function scenario(bench) {
    const month = `${bench.given.year}-05`;
    const page = await differences(bench, month);
    await stateAnew(bench, month, '0611');
    await tick(bench, '0621', 12);
    await disputed(bench, page, month);
    await confirmed(bench, month);
    await tick(bench, '0626', 30);
    await paid(bench, month);
    await printed(bench, month);
    await ends(bench);
    await flag(bench, month);
    await narrow(bench, month);
}
