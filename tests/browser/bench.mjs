// SPDX-License-Identifier: Apache-2.0
// What scenarios share: somebody who is logged in looks at a screen; what the page complains of is kept, and fails the scenario.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {execFile} from 'node:child_process';

export function check(condition, what) {
    if (!condition)
        throw new Error(what);
}

export class Bench {
    constructor(browser, axe, given) {
        Object.assign(this, {browser, axe, given, states: {}, contexts: [], complaints: []});
    }

    // A page of `user`, at `screen`. The link is used at the first; what follows has its cookie.
    async open(screen, {user = 'operator', language = 'zh', theme = 'light', width = 1280} = {}) {
        const context = await this.browser.newContext({
            viewport: {width, height: width < 600 ? 844 : 900}, locale: language === 'zh' ? 'zh-CN' : 'en-US', storageState: this.states[user], reducedMotion: 'reduce'});
        this.contexts.push(context);
        await context.addInitScript(([language, theme]) => {
            localStorage.setItem('hutong.language', language);
            localStorage.setItem('hutong.theme', theme);
            addEventListener('securitypolicyviolation', event => console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
        }, [language, theme]);
        const page = await context.newPage();
        page.on('pageerror', error => this.complaints.push(`${page.url()}: ${error.stack}`));
        page.on('console', message => message.type() === 'error' && !page.forgiving && this.complaints.push(`${page.url()}: ${message.text()}`));
        if (!this.states[user]) {
            await page.goto(this.given.links[user]);
            await page.waitForSelector('main#main h1');
            check(!page.url().includes('login='), 'the token is left in the address');
            await page.waitForSelector('header .session', {timeout: 10000});
            this.states[user] = await context.storageState();
        }
        await page.goto(`${this.given.base}/#/${screen}`);
        await this.known(page);
        return page;
    }

    // Another screen of the same page.
    async go(page, screen) {
        await page.evaluate(hash => (location.hash = hash), `#/${screen}`);
        await this.known(page);
    }

    // Until each panel shows an answer, or why there is none.
    async known(page) {
        await page.waitForSelector('main#main h1', {timeout: 10000});
        await page.waitForFunction(() => document.querySelectorAll('main .age').length > 0
            ? [...document.querySelectorAll('main .panel')].every(each => !each.querySelector('.nothing')?.textContent.match(/^(查询中|asking)/)) : document.querySelector('main h1'), null, {timeout: 15000});
    }

    // axe finds nothing; `what` names the page where it does.
    async accessible(page, what) {
        if (!await page.evaluate(() => 'axe' in window))
            await page.evaluate(this.axe); // by the debugger, which the policy does not hold for: a script tag would break it
        const {violations} = await page.evaluate(() => window.axe.run(document, {resultTypes: ['violations']}));
        check(violations.length === 0, `axe at ${what}: ` + violations.map(each => `${each.id}: ${each.nodes.map(node => node.html.slice(0, 200)).join(' | ')}`).join('\n'));
    }

    // For docs/console: WebP, which playwright does not write and the browser does; of a long page as much as 60 kB hold.
    async picture(page, name) {
        if (!this.given.screenshots)
            return;
        const session = await page.context().newCDPSession(page);
        const {cssContentSize: {width, height}} = await session.send('Page.getLayoutMetrics');
        let data;
        for (let seen = 1500; !data || (data.length * 0.75 > 60000 && seen > 500); seen -= 200)
            ({data} = await session.send('Page.captureScreenshot', {format: 'webp', quality: 50, captureBeyondViewport: true, clip: {x: 0, y: 0, width, height: Math.min(height, seen), scale: 1}}));
        fs.writeFileSync(path.join(this.given.screenshots, `${name}.webp`), Buffer.from(data, 'base64'));
    }

    // `hutong WORDS…` of the exchange: what it printed, by line; --json is set.
    hutong(...words) {
        const [program, ...first] = this.given.hutong;
        return new Promise((resolve, reject) => execFile(program, [...first, '--json', ...words], {maxBuffer: 1 << 26}, (error, out, said) =>
            error && error.code > 1 ? reject(new Error(`hutong ${words.join(' ')}: ${said}`)) : resolve(out.split('\n').filter(Boolean).map(each => JSON.parse(each)))));
    }

    signal(service, signal) {
        process.kill(Number(fs.readFileSync(path.join(this.given.run, `${service}-0.pid`), 'utf8')), signal);
    }

    // A request that no browser would make: its status and its JSON.
    request(method, target, headers = {}, body = '') {
        const {hostname, port} = new URL(this.given.base);
        return new Promise((resolve, reject) => {
            const request = http.request({hostname, port, method, path: target, headers: {'Content-Length': Buffer.byteLength(body), ...headers}}, response => {
                let text = '';
                response.on('data', data => (text += data));
                response.on('end', () => resolve({status: response.statusCode, headers: response.headers, body: text.startsWith('{') ? JSON.parse(text) : text}));
            });
            request.on('error', reject);
            request.end(body);
        });
    }

    // What a logged-in user's page would send: cookie, origin and token.
    async headersOf(user) {
        const cookie = this.states[user].cookies.map(each => `${each.name}=${each.value}`).join('; ');
        const session = await this.request('GET', '/api/session', {Cookie: cookie, Accept: 'application/json'});
        return {Cookie: cookie, Origin: this.given.base, 'Content-Type': 'application/json', 'X-Hutong-Token': session.body.token, 'Sec-Fetch-Site': 'same-origin'};
    }

    async settled() {
        const complaints = this.complaints;
        this.complaints = [];
        check(complaints.length === 0, `the page complains:\n${complaints.join('\n')}`);
    }

    forget() {
        this.complaints = [];
    }

    async keepPicture(name) {
        const page = this.contexts.at(-1)?.pages().at(-1);
        const place = path.join(os.tmpdir(), `hutong-browser-${name}.png`);
        if (page && await page.screenshot({path: place, fullPage: true}).then(() => true, () => false))
            console.log(`        its page: ${place}`);
    }

    async closeAll() {
        await Promise.all(this.contexts.map(each => each.close()));
        this.contexts = [];
    }
}
