/* SPDX-License-Identifier: Apache-2.0
 * store.def, by directory. */
#include "common/store/described.h"

static const struct description {
    const char *row, *name, *directory;
    uint32_t format;
    bool derived;
} stores[] = {
#define KEPT false
#define DERIVED true
#define STORE(row, name, directory, format, origin, what) {#row, name, directory, format, origin},
#include "common/store/store.def"
};

static const struct {
    const char *store; /* its row */
    struct store_table table;
    const char *layout, *holds;
} tables[] = {
#define TABLE(row, place, name, seen, layout, holds) {#row, {name, seen}, layout, holds},
#include "common/store/store.def"
};

/* The log is none: its segments are stores of their own. */
static const struct description *find(const char *directory)
{
    const char *slash = strrchr(directory, '/');
    const char *name = slash != NULL ? slash + 1 : directory;
    size_t size = strcspn(name, "-");
    for (unsigned i = 1; i < sizeof stores / sizeof *stores; i++)
        if (strlen(stores[i].directory) == size && strncmp(name, stores[i].directory, size) == 0)
            return &stores[i];
    return NULL;
}

bool store_described(const char *directory, struct store_described *described)
{
    const struct description *found = find(directory);
    if (found == NULL)
        return false;
    *described = (struct store_described){.name = found->name, .format = found->format, .derived = found->derived};
    for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++) {
        bool own = strcmp(tables[i].store, found->row) == 0,
             of_all = found->derived && strcmp(tables[i].store, "RUNTIME") == 0;
        if (!own && !of_all)
            continue;
        unsigned at = described->table_count++;
        described->tables[at] = tables[i].table;
        described->layouts[at] = tables[i].layout;
        described->holds[at] = tables[i].holds;
    }
    return true;
}
