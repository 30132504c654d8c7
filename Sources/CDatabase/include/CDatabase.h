#ifndef CDATABASE_H
#define CDATABASE_H

// SQLite as the system has it, and a client of it that dies.
#include <sqlite3.h>

/// Where a child process dies.
enum database_death {
  /// Before it runs statement number `at`, counted from 0; past the last: when all are done.
  DATABASE_DIES_BEFORE = 0,
  /// Inside statement number `at`, a COMMIT: the pages are in the file, and the journal that could undo them is not yet
  /// deleted.
  DATABASE_DIES_AT_JOURNAL = 1,
};

/// Runs SQL statements in a child process of its own, which then kills itself with SIGKILL: nothing is closed, nothing
/// rolled back. `files[on[i]]` is the database of statement i.
///
/// Returns 0 when the child was killed as planned, a result code of SQLite when a statement failed, and -1 when there
/// was no child or it ended in another way.
int database_run_and_die(const char *const *files, int file_count, const char *const *statements, const int *on,
                         int statement_count, int at, enum database_death death);

#endif
