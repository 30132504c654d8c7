#define _GNU_SOURCE
#include "CDatabase.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_FILES 8

static int dies_at_journal = 0;
static int (*plain_delete)(sqlite3_vfs *, const char *, int) = 0;

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// A rollback journal is deleted as the very last act of a commit: from then on the new pages count.
static int delete_or_die(sqlite3_vfs *vfs, const char *name, int sync) {
  size_t length = strlen(name);
  if (dies_at_journal && length > 8 && strcmp(name + length - 8, "-journal") == 0) die();
  return plain_delete(vfs, name, sync);
}

static int run(const char *const *files, int file_count, const char *const *statements, const int *on,
               int statement_count, int at, enum database_death death) {
  static sqlite3_vfs vfs;
  vfs = *sqlite3_vfs_find(0);
  plain_delete = vfs.xDelete;
  vfs.xDelete = delete_or_die;
  vfs.zName = "dying";
  int code = sqlite3_vfs_register(&vfs, 0);
  if (code != SQLITE_OK) return code;
  sqlite3 *open[MOST_FILES] = {0};
  for (int i = 0; i < file_count; i++) {
    code = sqlite3_open_v2(files[i], &open[i], SQLITE_OPEN_READWRITE, "dying");
    if (code != SQLITE_OK) return code;
  }
  for (int i = 0; i < statement_count; i++) {
    if (i == at && death == DATABASE_DIES_BEFORE) die();
    dies_at_journal = i == at && death == DATABASE_DIES_AT_JOURNAL;
    code = sqlite3_exec(open[on[i]], statements[i], 0, 0, 0);
    if (code != SQLITE_OK) return code;
  }
  die();
  return 0;
}

static void leave(int from) {
  for (int id = from; id >= SQLITE_MUTEX_STATIC_MAIN; id--) sqlite3_mutex_leave(sqlite3_mutex_alloc(id));
}

// Waits until no thread is within what the threads share of SQLite, and keeps them out. Tried and given up until all
// are had, as they are taken in no order that SQLite knows.
static void enter_all(void) {
  int id = SQLITE_MUTEX_STATIC_MAIN;
  while (id <= SQLITE_MUTEX_STATIC_VFS3) {
    if (sqlite3_mutex_try(sqlite3_mutex_alloc(id)) == SQLITE_OK) {
      id++;
    } else {
      leave(id - 1);
      id = SQLITE_MUTEX_STATIC_MAIN;
      sched_yield();
    }
  }
}

// A child has this thread alone. A mutex that another thread holds at that moment would be held in the child for ever,
// so they are all this thread's own when it forks (as for malloc's, the C library sees to it).
static pid_t fork_beside_threads(void) {
  if (sqlite3_initialize() != SQLITE_OK) return -1;
  enter_all();
  pid_t child = fork();
  leave(SQLITE_MUTEX_STATIC_VFS3);
  return child;
}

int database_run_and_die(const char *const *files, int file_count, const char *const *statements, const int *on,
                         int statement_count, int at, enum database_death death) {
  if (file_count < 1 || file_count > MOST_FILES) return -1;
  for (int i = 0; i < statement_count; i++) {
    if (on[i] < 0 || on[i] >= file_count) return -1;
  }
  // The child runs nothing of Swift's, and opens its databases itself: an open one may not be carried over a fork.
  pid_t child = fork_beside_threads();
  if (child < 0) return -1;
  if (child == 0) {
    // Sockets and locks of this process end with it, not with a child.
    close_range(STDERR_FILENO + 1, ~0U, 0);
    _exit(run(files, file_count, statements, on, statement_count, at, death) & 0xff);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    // Interrupted by a signal: the child is still to be waited for.
  }
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) return 0;
  return WIFEXITED(status) && WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : -1;
}
