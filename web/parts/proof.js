// SPDX-License-Identifier: Apache-2.0
// A proof of the transparency log, checked here: from the leaf by its path to the root that the checkpoint states (RFC 6962; docs/PROOFS.md).
// What the checkpoint's signatures are worth is `hutong audit verify`'s to say, with a key that came another way.
const bytesOf = text => Uint8Array.from(atob(text), each => each.charCodeAt(0));
const hash = async (...parts) => new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(parts).arrayBuffer()));
const same = (a, b) => a.length === b.length && a.every((each, index) => each === b[index]);
const ENTRY_TAG = 0x0a, LEAF = Uint8Array.of(0), NODE = Uint8Array.of(1), POSITION_AT = 4;

export function readProof(text) {
    const [head, ...note] = text.split('\n\n');
    const [magic, ...lines] = head.split('\n');
    const value = name => lines.find(each => each.startsWith(name + ' '))?.slice(name.length + 1);
    const extra = bytesOf(value('extra')), [origin, size, root] = note[0].split('\n');
    if (magic !== 'c2sp.org/tlog-proof@v1' || extra[0] !== ENTRY_TAG)
        throw new Error('no proof');
    return {entry: extra.slice(2, 2 + extra[1]), index: Number(value('index')), path: lines.filter(each => !each.includes(' ')).map(bytesOf), origin, size: Number(size), root: bytesOf(root), signatures: note[1].split('\n').filter(Boolean).length};
}

// The position that the leaf itself names.
const positionOf = entry => Number(new DataView(entry.buffer, entry.byteOffset).getBigUint64(POSITION_AT));

export async function holds(proof, position) {
    let node = await hash(LEAF, proof.entry), index = proof.index, last = proof.size - 1;
    if (index !== position || positionOf(proof.entry) !== position || index > last)
        return false;
    for (const sibling of proof.path) {
        if (last === 0)
            return false;
        if (index % 2 === 1 || index === last) {
            node = await hash(NODE, sibling, node);
            while (index % 2 === 0 && index !== 0)
                [index, last] = [index / 2, Math.floor(last / 2)];
        } else
            node = await hash(NODE, node, sibling);
        [index, last] = [Math.floor(index / 2), Math.floor(last / 2)];
    }
    return last === 0 && same(node, proof.root);
}
