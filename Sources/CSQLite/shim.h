#include <sqlite3.h>

// What Swift cannot import: sqlite3's macro is a cast of -1 to a function pointer. The text is copied.
static inline int outcry_sqlite_bind_text(sqlite3_stmt *statement, int column, const char *text, int length) {
    return sqlite3_bind_text(statement, column, text, length, SQLITE_TRANSIENT);
}
