// Preloaded into the binary: SIGKILL right after the nth fsync or fdatasync, counted over all processes in the file
// KILL_SYNC_COUNTER. What was synced is what a crash of the machine leaves: the journal, record by record.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void count(void) {
  const char* path = getenv("KILL_SYNC_COUNTER");
  const char* at = getenv("KILL_AT_SYNC");
  if (!path || !at) return;
  int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (file < 0) return;
  if (write(file, ".", 1) != 1) _exit(99);
  long seen = lseek(file, 0, SEEK_END);
  close(file);
  if (seen == atol(at)) kill(getpid(), SIGKILL);
}

int fsync(int file) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  int result = real(file);
  count();
  return result;
}

int fdatasync(int file) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  int result = real(file);
  count();
  return result;
}
