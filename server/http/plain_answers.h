// Answers that need neither the log nor the views: files of the page, methods of a path, probes. Pure.
#pragma once

#include "server/engine/readiness.h"
#include "server/http/answer.h"
#include "server/http/asks.h"

namespace stockfold {

/// With headers that keep the browser to the page's own files: it loads, runs and calls nothing else.
[[nodiscard]] HttpAnswer answer_to(const HttpPage& page);
[[nodiscard]] HttpAnswer answer_to(const HttpMethods& methods);
/// 200 where the ledger is ready, with the progress of views that are late; else 503 with the obstacle.
[[nodiscard]] HttpAnswer answer_to(const Readiness& readiness);
/// 200: the program answers.
[[nodiscard]] HttpAnswer live();

}  // namespace stockfold
