/* SPDX-License-Identifier: Apache-2.0
 * hutong-SERVICE: the core that the build names, under the runtime. */
#include "common/runtime/runtime.h"

extern const struct core SERVICE_CORE;

int main(int argc, char **argv)
{
    return service_main(argc, argv, &SERVICE_CORE, NULL);
}
