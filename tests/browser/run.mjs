// SPDX-License-Identifier: Apache-2.0
// A browser at the console of a running exchange. Called by tests/e2e/console_browser.py with one argument, JSON:
//   {base, links: {USER: link}, run, hutong: [argv…], config, modules, chromium, screenshots: DIRECTORY or null, only: NAME or null, data: 'day'}
// Walks over every screen, then each scenarios/NAME.mjs of this data (`export const data`, 'day' where it names none): `export async function scenario(bench)`. Prints a line each; exit code 1: something is wrong.
import fs from 'node:fs';
import path from 'node:path';
import {createRequire} from 'node:module';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {Bench} from './bench.mjs';
import {walk} from './walk.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const given = JSON.parse(process.argv[2]);
const require = createRequire(path.join(given.modules, 'x.js'));
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const browser = await require('playwright-core').chromium.launch({executablePath: given.chromium, args: ['--no-sandbox', '--disable-gpu']});
const bench = new Bench(browser, axe, given);

const data = given.data ?? 'day';
const scenarios = data === 'day' ? [['walk', walk]] : [];
for (const name of fs.readdirSync(path.join(here, 'scenarios')).filter(each => each.endsWith('.mjs')).sort()) {
    const module = await import(pathToFileURL(path.join(here, 'scenarios', name)).href);
    if ((module.data ?? 'day') === data)
        scenarios.push([name.replace('.mjs', ''), module.scenario]);
}

let failed = 0;
for (const [name, scenario] of scenarios.filter(([each]) => !given.only || each === given.only)) {
    const began = Date.now();
    try {
        await scenario(bench);
        await bench.settled();
        console.log(`passed  ${((Date.now() - began) / 1000).toFixed(1)} s  ${name}`);
    } catch (error) {
        failed++;
        await bench.keepPicture(name);
        console.log(`FAILED  ${name}: ${error.stack}`);
        bench.forget();
    }
    await bench.closeAll();
}
await browser.close();
process.exit(failed > 0 ? 1 : 0);
