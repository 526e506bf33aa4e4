import CSQLite

/// A compiled statement of SQLite's, freed with this object.
@safe package final class Statement {
    private let statement: OpaquePointer

    /// Takes what `sqlite3_prepare_v2` has made.
    init(unsafe statement: OpaquePointer) { unsafe self.statement = statement }

    deinit { _ = unsafe sqlite3_finalize(statement) }

    /// Runs it, or goes on to its next row.
    ///
    /// - Parameter what: What is done, for the error's words.
    /// - Returns: Whether there is a row.
    package func next(_ what: String) throws(DatabaseError) -> Bool {
        let code = unsafe sqlite3_step(statement)
        guard code != SQLITE_ROW else { return true }
        guard code == SQLITE_DONE else {
            throw unsafe DatabaseError(what, code, sqlite3_db_handle(statement))
        }
        return false
    }

    /// Makes it ready to be run again.
    package func reset() { _ = unsafe sqlite3_reset(statement) }

    // MARK: What goes in: columns count from 1

    package func bind(_ number: Int64?, at column: Int32) {
        if let number {
            unsafe sqlite3_bind_int64(statement, column, number)
        } else {
            unsafe sqlite3_bind_null(statement, column)
        }
    }

    package func bind(_ text: String?, at column: Int32) {
        if let text {
            _ = unsafe outcry_sqlite_bind_text(statement, column, text, Int32(text.utf8.count))
        } else {
            unsafe sqlite3_bind_null(statement, column)
        }
    }

    // MARK: What comes out: columns count from 0

    package func integer(_ column: Int32) -> Int64? {
        let isNull = unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
        return isNull ? nil : unsafe sqlite3_column_int64(statement, column)
    }

    package func text(_ column: Int32) -> String? {
        guard let bytes = unsafe sqlite3_column_text(statement, column) else { return nil }
        // By its length: a text may hold a NUL.
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
