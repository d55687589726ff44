// SPDX-License-Identifier: Apache-2.0
// What `hutong status` tells, read once for the screens that show it. Zeros are left out of its JSON; a daemon that did not answer has its name alone.
export const STATUS_MS = 500; // a daemon that is stopped is told within the second that `hutong status` waits for it: seen within 2 s
const LAGS_MS = 5000;         // what waits longer is a lag that somebody should look at

export const number = value => Number(value ?? 0);
export const nameOf = each => each.partition || each.partitions > 1 ? `${each.service} ${each.partition ?? 0}` : each.service;
export const answered = each => each.startedAtMs !== undefined;
// Of a daemon that answers but whose broker does not, nothing is known: undefined, which is not 0.
export const behind = each => each.lagRecords;
export const behindMs = each => each.lagMs;

// [kind, word] of parts' State.
export function verdict(each) {
    if (!answered(each))
        return ['bad', 'silent'];
    if (!each.ready)
        return ['bad', 'not_ready'];
    return behindMs(each) > LAGS_MS ? ['warn', 'lags'] : ['good', 'ready'];
}

// The same of a whole answer: what the head of every screen tells.
export function troubles(status) {
    const found = status.services.map(each => [nameOf(each), verdict(each)[0]]).filter(([, kind]) => kind !== 'good');
    return status.broker ? found : [['broker', 'bad'], ...found];
}

// Changes a second between the newest sample of a series and the first of the last ten seconds before it; undefined where there is only one.
export function rate(series, key, window = 10000) {
    const last = series[series.length - 1];
    const first = last && series.find(each => last.at - each.at <= window && each[key] !== undefined);
    return first && first !== last && last[key] !== undefined ? Math.max(0, (last[key] - first[key]) * 1000 / (last.at - first.at)) : undefined;
}
