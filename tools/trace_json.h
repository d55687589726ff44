/* SPDX-License-Identifier: Apache-2.0
 * A trace's positions as JSON, a value each, and back: what one writes the other reads to the same bytes.
 *
 *   {"position", "acceptedAtMs", "salt", "signature", "envelope", "envelopeBytes", "outcome", "outcomeBytes"}
 *
 * ...Bytes (base64) stands there where the mapping does not give the message's bytes back (fields that this build does
 * not know), and then it is what counts. */
#ifndef HUTONG_TOOLS_TRACE_JSON_H
#define HUTONG_TOOLS_TRACE_JSON_H
#include "tools/cli.h"
#include "tools/trace_file.h"

/* A submission, without its outcome. */
json_t *trace_submission_json(const struct trace_entry *submission);
void trace_outcome_json(const struct trace_entry *outcome, json_t *to);
/* Writes a trace of the values in a file, or of stdin ("-"). An exit code. */
int trace_from_json(struct cli *cli, const char *from, const char *to);
#endif
