import CSQLite

/// A compiled statement of SQLite's, freed with this object.
@safe final class Statement {
    private let statement: OpaquePointer

    /// Takes what `sqlite3_prepare_v2` has made.
    init(unsafe statement: OpaquePointer) { unsafe self.statement = statement }

    deinit { _ = unsafe sqlite3_finalize(statement) }

    /// Runs it, or goes on to its next row.
    ///
    /// - Returns: SQLite's code: `SQLITE_ROW`, `SQLITE_DONE`, or an error.
    func step() -> Int32 { unsafe sqlite3_step(statement) }

    /// Makes it ready to be run again.
    func reset() { _ = unsafe sqlite3_reset(statement) }

    // MARK: What goes in: columns count from 1

    func bind(_ number: Int64?, at column: Int32) {
        if let number {
            unsafe sqlite3_bind_int64(statement, column, number)
        } else {
            unsafe sqlite3_bind_null(statement, column)
        }
    }

    func bind(_ text: String?, at column: Int32) {
        if let text {
            _ = unsafe outcry_sqlite_bind_text(statement, column, text, Int32(text.utf8.count))
        } else {
            unsafe sqlite3_bind_null(statement, column)
        }
    }

    // MARK: What comes out: columns count from 0

    func integer(_ column: Int32) -> Int64? {
        let isNull = unsafe sqlite3_column_type(statement, column) == SQLITE_NULL
        return isNull ? nil : unsafe sqlite3_column_int64(statement, column)
    }

    func text(_ column: Int32) -> String? {
        guard let bytes = unsafe sqlite3_column_text(statement, column) else { return nil }
        // By its length: a text may hold a NUL.
        let count = Int(unsafe sqlite3_column_bytes(statement, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
