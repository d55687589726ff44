/* SPDX-License-Identifier: Apache-2.0
 * Questions before a commit. */
#include "common/runtime/asked.h"

void asked_ask(struct asked *asked, struct bus *bus, const char *const inputs[], unsigned count, position_t position)
{
    if (asked->missing > 0)
        return;
    *asked = (struct asked){position, count};
    for (unsigned i = 0; i < count; i++)
        bus_last(bus, inputs[i], i);
}

bool asked_answered(struct asked *asked, position_t end)
{
    if (asked->missing == 0)
        return false;
    if (end < asked->durable)
        asked->durable = end; /* less than was read: its reader will say so */
    return --asked->missing == 0;
}
