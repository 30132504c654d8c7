#pragma once

// Line editing on libedit. Its variadic calls and its reading of keys live here, behind plain functions;
// what a line means (history kept, completion, paste) is decided by the owner.

#include <stdbool.h>
#include <stddef.h>

typedef struct line_editor line_editor;

// What reached the program while a line was being edited.
typedef enum {
  LINE_EDITOR_NOTHING,
  LINE_EDITOR_RESIZED,
  LINE_EDITOR_SUSPEND,
  LINE_EDITOR_INTERRUPT,
  LINE_EDITOR_END,
} line_editor_signal;

typedef enum { LINE_EDITOR_LINE, LINE_EDITOR_INTERRUPTED, LINE_EDITOR_ENDED } line_editor_result;

// All calls arrive on the thread that called line_editor_read.
typedef struct {
  void *context;
  // The wake descriptor became readable. Says what happened, one thing a call, until nothing is left.
  line_editor_signal (*signal)(void *context);
  // Stops the process as Ctrl-Z does; returns when it goes on. The terminal is cooked meanwhile.
  void (*suspend)(void *context);
  // Tab. May edit the line.
  void (*complete)(void *context);
  // A bracketed paste. May edit the line; true when the line is complete and is to be entered.
  bool (*paste)(void *context, const char *bytes, size_t count);
  // `mark` (a character without width) follows `before`: the one character they make, or 0 for none.
  unsigned (*compose)(void *context, unsigned before, unsigned mark);
} line_editor_owner;

// Makes LC_CTYPE a UTF-8 locale: the environment's, else C.UTF-8. False when there is none.
bool line_editor_use_utf8(void);

// A descriptor to wake the editor by: add 1 (eight bytes) to make it readable, read it to clear it. -1 when out of them.
int line_editor_wake_descriptor(void);

// NULL when the terminal cannot be set up. `edits` false reads plain lines (TERM=dumb).
line_editor *line_editor_open(const char *program, bool edits, int history_size, int wake_fd, line_editor_owner owner);
void line_editor_close(line_editor *);

// Runs the commands of an editrc file; mode first, then the editor's own keys, then the rest, so that
// `bind -v` does not lose them and a user's own binding of them wins. False when it cannot be read.
bool line_editor_source(line_editor *, const char *path);

// Reads one line, valid until the next call. In `prompt` each escape sequence stands between two \1, is followed by
// a visible character and never by another one (libedit draws it together with the character after it).
// `prompt_width` in columns of the prompt's last line. `start` is typed ahead, as if by the user.
line_editor_result line_editor_read(
  line_editor *, const char *prompt, int prompt_width, const char *start, const char **line);

// The line being edited; `cursor` in bytes. Only inside a call to the owner. Valid until the next edit.
const char *line_editor_text(line_editor *, size_t *cursor, size_t *count);
// Moves by `move` characters, deletes `count` characters before the cursor, inserts `text`.
void line_editor_edit(line_editor *, int move, int count, const char *text);
// Ends the drawn line, prints `text` (lines end in \n), and has the prompt drawn again below.
void line_editor_show(line_editor *, const char *text);
void line_editor_beep(line_editor *);

void line_editor_history_add(line_editor *, const char *line);
void line_editor_history_clear(line_editor *);
