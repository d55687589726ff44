// SPDX-License-Identifier: Apache-2.0
// The screens, in the order in which they are listed; a screen is a module screens/PATH.js, loaded when it is looked at, and words/PATH.json,
// whose key `screen` is its name. `role`: who may look at it (parts/session.js).
export const GROUPS = ['health', 'business', 'clearing', 'people'];
export const SCREENS = [
    // is it well?
    {path: 'now', group: 'health', role: 'viewer'},
    {path: 'streams', group: 'health', role: 'viewer'},
    {path: 'mailboxes', group: 'health', role: 'viewer'},
    {path: 'alerts', group: 'health', role: 'viewer'},

    // where is it, and why?
    {path: 'message', group: 'business', role: 'viewer'},
    {path: 'flow', group: 'business', role: 'viewer'},
    {path: 'dead', group: 'business', role: 'viewer'},
    {path: 'transfers', group: 'business', role: 'viewer'},
    {path: 'calculator', group: 'business', role: 'viewer'},

    // who owes whom, and by which rules?
    {path: 'clearing', group: 'clearing', role: 'viewer'},
    {path: 'institutions', group: 'clearing', role: 'viewer'},
    {path: 'policies', group: 'clearing', role: 'viewer'},

    // who may speak, and who did what?
    {path: 'parties', group: 'people', role: 'viewer'},
    {path: 'actions', group: 'people', role: 'viewer'},
];
