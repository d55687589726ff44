/* SPDX-License-Identifier: Apache-2.0
 * Trees of LMDB, page by page. */
#include "common/store/page_trees.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/store/page_node.h"
#include "common/store/page_walk.h"

enum {
    META_FLAGS = 8,
    META_VERSION_OFFSET = 20,
    META_TREES_OFFSET = 40,
    DATA_VERSION = 1,
    DB_FLAGS_OFFSET = 4,
    DB_DEPTH_OFFSET = 6,
    DB_BRANCHES_OFFSET = 8,
    DB_LEAVES_OFFSET = 16,
    DB_OVERFLOWS_OFFSET = 24,
    DB_ENTRIES_OFFSET = 32,
    INTEGER_KEYS = 8
};

struct trees {
    struct page_file file;
    const struct page_trees_watch *watch;
    struct page_fault *fault;
    uint8_t *seen; /* by page */
    struct buffer value;
    bool enough;
};

enum kind { TREE_FREE, TREE_TABLES, TREE_ROWS };

struct tree {
    struct trees *trees;
    enum kind kind;
    struct span table;
    unsigned depth; /* of the first leaf; 0: none yet */
    uint64_t branches, leaves, overflows, entries;
};

/* Keys of what lies below a branch's node. */
struct range {
    struct span first, end; /* size 0: open */
};

static bool wrong(const struct tree *tree, uint64_t page, struct range range, const char *what)
{
    struct page_fault *fault = tree->trees->fault;
    *fault = (struct page_fault){.page = page, .what = what};
    if (tree->table.size > 0)
        memcpy(fault->table, tree->table.data,
               tree->table.size < PAGE_TABLE_NAME_MAX ? tree->table.size : PAGE_TABLE_NAME_MAX);
    fault->first_size = range.first.size < sizeof fault->first ? range.first.size : sizeof fault->first;
    fault->end_size = range.end.size < sizeof fault->end ? range.end.size : sizeof fault->end;
    if (fault->first_size > 0)
        memcpy(fault->first, range.first.data, fault->first_size);
    if (fault->end_size > 0)
        memcpy(fault->end, range.end.data, fault->end_size);
    return false;
}

static bool told(struct trees *trees, size_t bytes)
{
    if (trees->watch->read != NULL && !trees->watch->read(trees->watch->self, bytes))
        trees->enough = true;
    return !trees->enough;
}

/* Each page once. */
static bool take(struct trees *trees, uint64_t page, uint64_t count)
{
    if (page < PAGE_META_COUNT || page > trees->file.last_page || count > trees->file.last_page + 1 - page)
        return false;
    for (uint64_t i = page; i < page + count; i++)
        if (trees->seen[i]++ != 0)
            return false;
    return true;
}

static bool read_at(const struct trees *trees, uint64_t page, size_t at, void *to, size_t size)
{
    off_t offset = (off_t)(page * trees->file.page_size + at);
    return pread(trees->file.fd, to, size, offset) == (ssize_t)size;
}

static int order(enum kind kind, struct span a, struct span b)
{
    if (kind == TREE_FREE) { /* numbers as the machine has them */
        uint64_t x = bytes_get_le(a.data, 8), y = bytes_get_le(b.data, 8);
        return (x > y) - (x < y);
    }
    int found = memcmp(a.data, b.data, a.size < b.size ? a.size : b.size);
    return found != 0 ? found : (a.size > b.size) - (a.size < b.size);
}

/* The value that begins on an overflow page, as far as it is wanted. */
static bool big_value(struct tree *tree, const struct page_node *node, struct range range, bool whole)
{
    struct trees *trees = tree->trees;
    uint8_t header[PAGE_HEADER_SIZE];
    uint64_t count = (PAGE_HEADER_SIZE + node->size - 1) / trees->file.page_size + 1;
    size_t size = whole || node->size < PAGE_VALUE_BEGINS ? node->size : PAGE_VALUE_BEGINS;
    tree->overflows += count;
    if (!take(trees, node->page, count))
        return wrong(tree, node->page, range, "pages of a value are in use twice, or are none");
    buffer_reset(&trees->value);
    uint8_t *to = buffer_reserve(&trees->value, size);
    if (!read_at(trees, node->page, 0, header, sizeof header) ||
        !read_at(trees, node->page, PAGE_HEADER_SIZE, to, size) || bytes_get_le(header, 8) != node->page ||
        page_flags_of(header) != PAGE_OVERFLOW || bytes_get_le(header + LOWER_OFFSET, 4) != count)
        return wrong(tree, node->page, range, "not the pages of this value");
    trees->value.size = size;
    return told(trees, size);
}

static bool free_list(struct tree *tree, uint64_t page, struct span value, struct range range)
{
    uint64_t count = value.size >= 8 ? bytes_get_le(value.data, 8) : UINT64_MAX;
    if (value.size < 8 || count > value.size / 8 - 1)
        return wrong(tree, page, range, "a list of free pages is longer than its room");
    for (uint64_t i = 0; i < count; i++)
        if (!take(tree->trees, bytes_get_le(value.data + 8 * (i + 1), 8), 1))
            return wrong(tree, page, range, "a free page is in use, or is none");
    return true;
}

static bool walk_tree(struct trees *trees, enum kind kind, struct span table, const uint8_t *db);

static bool leaf_node(struct tree *tree, uint64_t page, const struct page_node *node, struct range range)
{
    const struct page_trees_watch *watch = tree->trees->watch;
    unsigned other = tree->kind == TREE_TABLES ? NODE_TREE : node->flags & NODE_BIG;
    struct span value = node->data;
    tree->entries++;
    if (node->flags != other || (tree->kind == TREE_TABLES && node->size != DB_SIZE))
        return wrong(tree, page, range, "a row of another kind");
    if (node->flags == NODE_BIG) {
        if (!big_value(tree, node, range, tree->kind == TREE_FREE || watch->values))
            return false;
        value = buffer_span(&tree->trees->value);
    }
    if (tree->kind == TREE_FREE)
        return free_list(tree, page, value, range);
    if (tree->kind == TREE_TABLES)
        return (watch->only != NULL && !span_equal(node->key, span_text(watch->only))) ||
               walk_tree(tree->trees, TREE_ROWS, node->key, value.data);
    watch->row(watch->self, tree->table, node->flags == NODE_BIG ? node->page : page, node->key, value, node->size);
    return true;
}

static bool walk_page(struct tree *tree, uint64_t page, unsigned depth, struct range range);

/* The nodes of a page that is known to be one. A branch's first key is not looked at by LMDB either. */
static bool walk_nodes(struct tree *tree, uint64_t page, unsigned depth, struct range range, const uint8_t *bytes)
{
    struct page_node node, next;
    size_t page_size = tree->trees->file.page_size;
    unsigned count = page_nodes_of(bytes, page_size);
    bool branch = page_flags_of(bytes) == PAGE_BRANCH;
    struct span before = range.first;
    if (!page_node_read(bytes, page_size, 0, &node))
        return wrong(tree, page, range, "a row does not lie within its page");
    for (unsigned i = 0; i < count; i++, node = next) {
        bool keyed = !branch || i > 0;
        if (i + 1 < count && !page_node_read(bytes, page_size, i + 1, &next))
            return wrong(tree, page, range, "a row does not lie within its page");
        if (keyed && (tree->kind == TREE_FREE ? node.key.size != 8 : node.key.size == 0))
            return wrong(tree, page, range, "a key of no size");
        int rises = keyed && before.size > 0 ? order(tree->kind, node.key, before) : 1;
        if (rises < 0 || (rises == 0 && i > 0) ||
            (keyed && range.end.size > 0 && order(tree->kind, node.key, range.end) >= 0))
            return wrong(tree, page, range, "keys are out of order");
        struct range below = {keyed ? node.key : range.first, i + 1 < count ? next.key : range.end};
        before = below.first;
        if (branch && tree->kind == TREE_FREE && i + 1 < count && next.key.size != 8)
            return wrong(tree, page, range, "a key of no size");
        if (!(branch ? walk_page(tree, node.page, depth + 1, below) : leaf_node(tree, page, &node, below)))
            return false;
    }
    return true;
}

static bool walk_page(struct tree *tree, uint64_t page, unsigned depth, struct range range)
{
    struct trees *trees = tree->trees;
    size_t page_size = trees->file.page_size;
    if (depth > DEPTH_MAX || !take(trees, page, 1))
        return wrong(tree, page, range, "the page is in use twice, or is none");
    uint8_t *bytes = malloc(page_size);
    INVARIANT(bytes != NULL);
    bool sound = read_at(trees, page, 0, bytes, page_size) && bytes_get_le(bytes, 8) == page;
    unsigned flags = sound ? page_flags_of(bytes) : 0;
    size_t upper = sound ? bytes_get_le(bytes + UPPER_OFFSET, 2) : 0, lower = bytes_get_le(bytes + LOWER_OFFSET, 2);
    sound = sound && (flags == PAGE_BRANCH || flags == PAGE_LEAF) && lower % 2 == 0 && lower <= upper &&
            upper <= page_size && page_nodes_of(bytes, page_size) > 0;
    if (!sound) {
        (void)wrong(tree, page, range, "not a page of this tree");
    } else if (flags == PAGE_LEAF && tree->depth != 0 && tree->depth != depth) {
        sound = wrong(tree, page, range, "a branch of another depth");
    } else {
        tree->depth = flags == PAGE_LEAF ? depth : tree->depth;
        tree->branches += flags == PAGE_BRANCH;
        tree->leaves += flags == PAGE_LEAF;
        sound = told(trees, page_size) && walk_nodes(tree, page, depth, range, bytes);
    }
    free(bytes);
    return sound;
}

/* A tree as its MDB_db tells of it. */
static bool walk_tree(struct trees *trees, enum kind kind, struct span table, const uint8_t *db)
{
    struct tree tree = {.trees = trees, .kind = kind, .table = table};
    struct range all = {{0}, {0}};
    uint64_t root = bytes_get_le(db + DB_ROOT_OFFSET, 8);
    if (bytes_get_le(db + DB_FLAGS_OFFSET, 2) != (kind == TREE_FREE ? INTEGER_KEYS : 0) ||
        (kind == TREE_FREE && bytes_get_le(db, 4) != trees->file.page_size))
        return wrong(&tree, root, all, "the tree is of another kind");
    if (root != PAGE_NONE && !walk_page(&tree, root, 1, all))
        return false;
    if (tree.depth != bytes_get_le(db + DB_DEPTH_OFFSET, 2) ||
        tree.branches != bytes_get_le(db + DB_BRANCHES_OFFSET, 8) ||
        tree.leaves != bytes_get_le(db + DB_LEAVES_OFFSET, 8) ||
        tree.overflows != bytes_get_le(db + DB_OVERFLOWS_OFFSET, 8) ||
        tree.entries != bytes_get_le(db + DB_ENTRIES_OFFSET, 8))
        return wrong(&tree, root, all, "it holds more or less than was noted");
    return true;
}

/* The one that LMDB takes: the newer, which stands at the place of its number, one commit after the other. */
static bool newest_meta(struct trees *trees, uint8_t meta[PAGE_META_SIZE])
{
    static const struct tree none = {0};
    uint8_t both[PAGE_META_COUNT][PAGE_META_SIZE];
    struct page_meta read[PAGE_META_COUNT];
    struct tree tree = none;
    tree.trees = trees;
    for (unsigned i = 0; i < PAGE_META_COUNT; i++)
        if (!read_at(trees, i, 0, both[i], PAGE_META_SIZE) || bytes_get_le(both[i], 8) != i ||
            page_flags_of(both[i]) != META_FLAGS || bytes_get_le(both[i] + META_VERSION_OFFSET, 4) != DATA_VERSION ||
            page_meta_read(trees->file.fd, trees->file.page_size, i, &read[i]) != OK)
            return wrong(&tree, i, (struct range){{0}, {0}}, "not a meta page");
    unsigned taken = read[0].transaction < read[1].transaction;
    uint64_t newest = read[taken].transaction;
    if (newest > 0 && (newest % PAGE_META_COUNT != taken || read[1 - taken].transaction != newest - 1))
        return wrong(&tree, taken, (struct range){{0}, {0}}, "meta pages of no two commits in turn");
    memcpy(meta, both[taken], PAGE_META_SIZE);
    trees->file.last_page = read[taken].last_page;
    return true;
}

static bool walk_all(struct trees *trees)
{
    struct stat status;
    uint8_t meta[PAGE_META_SIZE];
    struct tree tree = {.trees = trees};
    if (!newest_meta(trees, meta))
        return false;
    if (fstat(trees->file.fd, &status) != 0 ||
        trees->file.last_page >= (uint64_t)status.st_size / trees->file.page_size)
        return wrong(&tree, trees->file.last_page, (struct range){{0}, {0}}, "the file ends before its last page");
    trees->seen = calloc(1, trees->file.last_page + 1);
    INVARIANT(trees->seen != NULL);
    const uint8_t *db = meta + META_TREES_OFFSET;
    return walk_tree(trees, TREE_TABLES, span_of(NULL, 0), db + DB_SIZE) &&
           (trees->watch->only != NULL || walk_tree(trees, TREE_FREE, span_of(NULL, 0), db));
}

enum status page_trees_check(int fd, const struct page_trees_watch *watch, struct page_fault *fault)
{
    struct stat status;
    struct trees trees = {
        .file = {.fd = fd, .page_size = (size_t)sysconf(_SC_PAGESIZE)}, .watch = watch, .fault = fault};
    if (fstat(fd, &status) == 0 && status.st_size == 0)
        return REJECT_NOT_FOUND;
    buffer_init(&trees.value);
    bool sound = walk_all(&trees);
    buffer_fini(&trees.value);
    free(trees.seen);
    if (sound)
        return OK;
    return trees.enough ? RETRY_BUSY : FATAL_DAMAGED;
}
