/* SPDX-License-Identifier: Apache-2.0
 * B+trees over entries that lie in blocks: an entry never moves, and all of them go at once. A block is mapped by
 * itself, so that what goes is the system's again: of malloc's the next overlay's would lie between. */
#include "common/store/overlay.h"

#include <endian.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/base/check.h"

enum { FAN_OUT = 64, SHARED_MAX = 24, HEIGHT_MAX = 12, BLOCK_SIZE = 2 << 20, LINE_SIZE = 64 };

struct node {
    uint16_t count;
    uint8_t shared_size;
    uint8_t shared[SHARED_MAX];             /* what all keys begin with */
    uint64_t heads[FAN_OUT];                /* the eight bytes after it, so that numbers are in the keys' order */
    struct overlay_entry *entries[FAN_OUT]; /* of an inner node: no key of the child is below this one */
};

struct overlay_leaf {
    struct node node;
    struct overlay_leaf *next;
};

struct inner {
    struct node node;
    struct node *children[FAN_OUT];
};

struct tree {
    struct node *root;
    unsigned height; /* inner nodes above a leaf */
    uint64_t count;
    struct overlay_entry *last;
};

struct block {
    struct block *next;
    size_t size;
    size_t used;
    _Alignas(LINE_SIZE) uint8_t bytes[];
};

struct overlay {
    struct block *blocks;
    size_t size;
    uint64_t count;
    _Atomic(struct overlay_leaf *) *fingers; /* a table's leaf that was found last: whoever reads may leave his */
    struct tree trees[];
};

struct overlay *overlay_new(unsigned table_count)
{
    size_t size = sizeof(struct overlay) + table_count * sizeof(struct tree);
    struct overlay *overlay = calloc(1, size + table_count * sizeof *overlay->fingers);
    INVARIANT(overlay != NULL);
    overlay->fingers = (void *)((uint8_t *)overlay + size);
    return overlay;
}

void overlay_destroy(struct overlay **overlay)
{
    if (*overlay == NULL)
        return;
    for (struct block *block = (*overlay)->blocks, *next; block != NULL; block = next) {
        next = block->next;
        (void)munmap(block, sizeof *block + block->size);
    }
    free(*overlay);
    *overlay = NULL;
}

size_t overlay_size(const struct overlay *overlay)
{
    return overlay->size;
}

uint64_t overlay_entries(const struct overlay *overlay)
{
    return overlay->count;
}

uint64_t overlay_count(const struct overlay *overlay, unsigned table)
{
    return overlay->trees[table].count;
}

/* Large pages, where the system has them: a search goes to places all over. */
static struct block *map_block(size_t room)
{
    struct block *block = mmap(NULL, sizeof *block + room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    INVARIANT(block != MAP_FAILED);
    (void)madvise(block, sizeof *block + room, MADV_HUGEPAGE);
    *block = (struct block){NULL, room, 0};
    return block;
}

/* What is large has a block of its own, behind the one that is being filled. `align`: a power of two. */
static void *take(struct overlay *overlay, size_t size, size_t align)
{
    struct block *block = overlay->blocks;
    if (block != NULL)
        block->used = (block->used + align - 1) & ~(align - 1);
    if (size > BLOCK_SIZE / 4 && block != NULL) {
        struct block *own = map_block(size);
        own->next = block->next;
        block->next = own;
        block = own;
    } else if (block == NULL || block->size < block->used + size) {
        size_t room = BLOCK_SIZE - sizeof *block;
        block = map_block(size > room ? size : room);
        block->next = overlay->blocks;
        overlay->blocks = block;
    }
    void *at = block->bytes + block->used;
    block->used += size;
    overlay->size += size;
    return at;
}

static size_t common_size(struct span a, struct span b, size_t most)
{
    size_t size = 0;
    while (size < most && size < a.size && size < b.size && a.data[size] == b.data[size])
        size++;
    return size;
}

static uint64_t head_of(struct span key, size_t from)
{
    uint8_t bytes[8] = {0};
    uint64_t head;
    size_t size = key.size - from;
    memcpy(bytes, key.data + from, size < sizeof bytes ? size : sizeof bytes);
    memcpy(&head, bytes, sizeof head);
    return be64toh(head);
}

/* How many heads are below `head`. Without a branch that depends on them: half of those would be guessed wrong. */
static unsigned heads_below(const struct node *node, uint64_t head)
{
    const uint64_t *at = node->heads;
    for (unsigned left = node->count; left > 0;) {
        unsigned half = (left + 1) / 2;
        at += at[half - 1] < head ? half : 0;
        left -= half;
    }
    return (unsigned)(at - node->heads);
}

/* The first place whose key is not below `key`. */
static unsigned place_of(const struct node *node, struct span key, bool *equal)
{
    size_t shared = node->shared_size, size = key.size < shared ? key.size : shared;
    int order = memcmp(key.data, node->shared, size);
    *equal = false;
    if (order != 0 || key.size < shared)
        return order <= 0 ? 0 : node->count;
    uint64_t head = head_of(key, shared);
    unsigned low = heads_below(node, head), high = low;
    while (high < node->count && node->heads[high] == head)
        high++;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        order = overlay_order(overlay_key(node->entries[middle]), key);
        *equal = order == 0;
        if (*equal)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void share(struct node *node, size_t size)
{
    node->shared_size = (uint8_t)size;
    for (unsigned i = 0; i < node->count; i++)
        node->heads[i] = head_of(overlay_key(node->entries[i]), size);
}

/* Before a key comes that may share less. */
static void share_with(struct node *node, struct span key)
{
    if (node->count == 0) {
        node->shared_size = (uint8_t)(key.size < SHARED_MAX ? key.size : SHARED_MAX);
        memcpy(node->shared, key.data, node->shared_size);
        return;
    }
    size_t common = common_size(key, span_of(node->shared, node->shared_size), SHARED_MAX);
    if (common < node->shared_size)
        share(node, common);
}

/* A key below all of an inner node's goes to its first child. */
static void lower_first(struct node *node, struct overlay_entry *entry)
{
    struct span key = overlay_key(entry);
    if (overlay_order(overlay_key(node->entries[0]), key) <= 0)
        return;
    share_with(node, key);
    node->entries[0] = entry;
    node->heads[0] = head_of(key, node->shared_size);
}

static void place_entry(struct node *node, unsigned at, struct overlay_entry *entry)
{
    struct span key = overlay_key(entry);
    share_with(node, key);
    memmove(node->heads + at + 1, node->heads + at, (node->count - at) * sizeof *node->heads);
    memmove(node->entries + at + 1, node->entries + at, (node->count - at) * sizeof *node->entries);
    node->heads[at] = head_of(key, node->shared_size);
    node->entries[at] = entry;
    node->count++;
}

static void place_child(struct inner *inner, unsigned at, struct node *child, struct overlay_entry *first)
{
    memmove(inner->children + at + 1, inner->children + at, (inner->node.count - at) * sizeof *inner->children);
    inner->children[at] = child;
    place_entry(&inner->node, at, first);
}

/* Where keys come in order, nodes are left full behind them. */
static unsigned split_at(const struct node *node, unsigned at)
{
    return at == node->count ? FAN_OUT : FAN_OUT / 2;
}

/* The entries from `from` on go to `right`, which is empty; what each shares is seen anew. */
static void move_entries(struct node *node, struct node *right, unsigned from)
{
    right->count = (uint16_t)(node->count - from);
    node->count = (uint16_t)from;
    memcpy(right->entries, node->entries + from, right->count * sizeof *right->entries);
    struct node *halves[2] = {node, right};
    for (unsigned i = 0; i < 2 && right->count > 0; i++) {
        struct span first = overlay_key(halves[i]->entries[0]);
        size_t common = common_size(first, overlay_key(halves[i]->entries[halves[i]->count - 1]), SHARED_MAX);
        memcpy(halves[i]->shared, first.data, common);
        share(halves[i], common);
    }
}

static struct node *new_node(struct overlay *overlay, size_t size)
{
    struct node *node = take(overlay, size, LINE_SIZE);
    memset(node, 0, size);
    return node;
}

/* Puts the entry into a full leaf's half; the other half, to be placed one level up. */
static struct node *split_leaf(struct overlay *overlay, struct overlay_leaf *leaf, unsigned at,
                               struct overlay_entry *entry)
{
    struct overlay_leaf *right = (struct overlay_leaf *)new_node(overlay, sizeof *right);
    unsigned from = split_at(&leaf->node, at);
    move_entries(&leaf->node, &right->node, from);
    right->next = leaf->next;
    leaf->next = right;
    place_entry(at >= from ? &right->node : &leaf->node, at >= from ? at - from : at, entry);
    return &right->node;
}

static struct node *split_inner(struct overlay *overlay, struct inner *inner, unsigned at, struct node *child)
{
    struct inner *right = (struct inner *)new_node(overlay, sizeof *right);
    unsigned from = split_at(&inner->node, at);
    move_entries(&inner->node, &right->node, from);
    memcpy(right->children, inner->children + from, right->node.count * sizeof *right->children);
    place_child(at >= from ? right : inner, at >= from ? at - from : at, child, child->entries[0]);
    return &right->node;
}

/* Its lines come side by side, not one after the other as the search asks for them. */
static void fetch(const struct node *node)
{
    for (size_t at = 0; at < sizeof node->heads; at += LINE_SIZE)
        __builtin_prefetch((const uint8_t *)node + at);
}

static unsigned child_of(const struct node *node, struct span key)
{
    bool equal;
    unsigned at = place_of(node, key, &equal);
    return equal || at == 0 ? at : at - 1;
}

/* The way to a key: the inner nodes, the child taken at each, and the leaf. */
struct path {
    struct inner *inners[HEIGHT_MAX];
    unsigned places[HEIGHT_MAX];
    unsigned depth;
    struct overlay_leaf *leaf;
    unsigned at; /* the key's place in the leaf */
    bool equal;  /* it stands there */
};

static void find_path(const struct overlay *overlay, unsigned table, struct span key, struct path *path)
{
    const struct tree *tree = &overlay->trees[table];
    struct node *node = tree->root;
    path->depth = 0;
    for (unsigned level = tree->height; level > 0; level--, path->depth++) {
        path->inners[path->depth] = (struct inner *)node;
        path->places[path->depth] = child_of(node, key);
        node = path->inners[path->depth]->children[path->places[path->depth]];
        fetch(node);
    }
    path->leaf = (struct overlay_leaf *)node;
    path->at = place_of(node, key, &path->equal);
    atomic_store_explicit(&overlay->fingers[table], path->leaf, memory_order_relaxed);
}

/* Whether the key's place is behind the leaf's first key, or at it, and in no other leaf. */
static bool spans(const struct overlay_leaf *leaf, struct span key)
{
    const struct node *node = &leaf->node;
    size_t shared = node->shared_size;
    if (key.size < shared || memcmp(key.data, node->shared, shared) != 0)
        return false;
    uint64_t head = head_of(key, shared);
    unsigned last = node->count - 1U;
    if (head < node->heads[0] || (head == node->heads[0] && overlay_order(key, overlay_key(node->entries[0])) < 0))
        return false;
    return leaf->next == NULL || head < node->heads[last] ||
           (head == node->heads[last] && overlay_order(key, overlay_key(node->entries[last])) <= 0);
}

/* The leaf and the place in it. What is asked for one after the other often stands side by side: all that concerns a
 * person, and what is added at the end. So the leaf that was found last is tried first; then the way there stays
 * unknown. PRE: the tree has a root. */
static void find_place(const struct overlay *overlay, unsigned table, struct span key, struct path *path)
{
    struct overlay_leaf *leaf = atomic_load_explicit(&overlay->fingers[table], memory_order_relaxed);
    if (leaf == NULL || leaf->node.count == 0 || !spans(leaf, key)) {
        find_path(overlay, table, key, path);
        return;
    }
    path->depth = 0;
    path->leaf = leaf;
    path->at = place_of(&leaf->node, key, &path->equal);
}

/* A node that does not fit any more has given half of its own to `risen`, which goes behind it, one level up. */
static void raise(struct overlay *overlay, struct tree *tree, struct path *path, struct node *risen)
{
    while (path->depth > 0) {
        struct inner *parent = path->inners[--path->depth];
        unsigned at = path->places[path->depth] + 1;
        if (parent->node.count < FAN_OUT) {
            place_child(parent, at, risen, risen->entries[0]);
            return;
        }
        risen = split_inner(overlay, parent, at, risen);
    }
    PRE(tree->height < HEIGHT_MAX);
    struct inner *root = (struct inner *)new_node(overlay, sizeof *root);
    place_child(root, 0, tree->root, tree->root->entries[0]);
    place_child(root, 1, risen, risen->entries[0]);
    tree->root = &root->node;
    tree->height++;
}

static void insert(struct overlay *overlay, struct tree *tree, struct path *path, struct overlay_entry *entry)
{
    struct node *leaf = &path->leaf->node;
    for (unsigned i = 0; i < path->depth && path->places[i] == 0; i++)
        lower_first(&path->inners[i]->node, entry);
    if (tree->last == NULL || (path->at == leaf->count && path->leaf->next == NULL))
        tree->last = entry;
    tree->count++;
    overlay->count++;
    if (leaf->count < FAN_OUT)
        place_entry(leaf, path->at, entry);
    else
        raise(overlay, tree, path, split_leaf(overlay, path->leaf, path->at, entry));
}

struct overlay_entry *overlay_find(const struct overlay *overlay, unsigned table, struct span key)
{
    const struct tree *tree = &overlay->trees[table];
    struct path path;
    if (tree->count == 0)
        return NULL;
    find_place(overlay, table, key, &path);
    return path.equal ? path.leaf->node.entries[path.at] : NULL;
}

static struct overlay_entry *new_entry(struct overlay *overlay, unsigned table, struct span key, size_t value_size)
{
    struct overlay_entry *entry;
    size_t size = (sizeof *entry + key.size + value_size + 7) & ~(size_t)7;
    entry = take(overlay, size, 8);
    *entry = (struct overlay_entry){.capacity = (uint32_t)(size - sizeof *entry - key.size),
                                    .key_size = (uint16_t)key.size,
                                    .table = (uint8_t)table};
    entry->value = entry->key + key.size;
    memcpy(entry->key, key.data, key.size);
    return entry;
}

static struct overlay_entry *set(struct overlay *overlay, unsigned table, struct span key, struct span value)
{
    struct tree *tree = &overlay->trees[table];
    struct overlay_entry *entry;
    struct path path;
    if (tree->root == NULL)
        tree->root = new_node(overlay, sizeof(struct overlay_leaf));
    find_place(overlay, table, key, &path);
    if (path.equal) {
        entry = path.leaf->node.entries[path.at];
    } else {
        if (path.leaf->node.count == FAN_OUT) /* its half goes to a node above it */
            find_path(overlay, table, key, &path);
        entry = new_entry(overlay, table, key, value.size);
        insert(overlay, tree, &path, entry);
    }
    if (value.size > entry->capacity) {
        entry->capacity = (uint32_t)((value.size + value.size / 4 + 7) & ~(size_t)7);
        entry->value = take(overlay, entry->capacity, 8);
    }
    if (value.size > 0)
        memmove(entry->value, value.data, value.size);
    return entry;
}

struct overlay_entry *overlay_put(struct overlay *overlay, unsigned table, struct span key, struct span value)
{
    struct overlay_entry *entry = set(overlay, table, key, value);
    entry->value_size = (int64_t)value.size;
    return entry;
}

struct overlay_entry *overlay_delete(struct overlay *overlay, unsigned table, struct span key)
{
    struct overlay_entry *entry = set(overlay, table, key, span_of(NULL, 0));
    entry->value_size = OVERLAY_DELETED;
    return entry;
}

struct overlay_entry *overlay_last(const struct overlay *overlay, unsigned table)
{
    return overlay->trees[table].last;
}

static struct overlay_entry *settle(struct overlay_walk *walk)
{
    while (walk->leaf != NULL && walk->at == walk->leaf->node.count) {
        walk->leaf = walk->leaf->next;
        walk->at = 0;
    }
    return walk->entry = walk->leaf == NULL ? NULL : walk->leaf->node.entries[walk->at];
}

struct overlay_entry *overlay_seek(struct overlay_walk *walk, const struct overlay *overlay, unsigned table,
                                   struct span from)
{
    const struct tree *tree = &overlay->trees[table];
    struct path path;
    *walk = (struct overlay_walk){.overlay = overlay, .table = table, .added = tree->count};
    if (tree->count == 0)
        return NULL;
    if (from.size == 0)
        from = span_text("");
    find_place(overlay, table, from, &path);
    walk->leaf = path.leaf;
    walk->at = path.at;
    return settle(walk);
}

struct overlay_entry *overlay_next(struct overlay_walk *walk)
{
    if (walk->entry == NULL)
        return NULL;
    if (walk->added != walk->overlay->trees[walk->table].count) {
        struct overlay_entry *passed = walk->entry;
        if (overlay_seek(walk, walk->overlay, walk->table, overlay_key(passed)) != passed)
            return walk->entry;
    }
    walk->at++;
    return settle(walk);
}
