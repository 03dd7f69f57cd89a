// libpqxx 6.4 loses the last answer (2 KB) of a connection that breaks. The leak sanitizer asks this function.
extern "C" const char* __lsan_default_suppressions();   // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libpqxx-6\n";
}
