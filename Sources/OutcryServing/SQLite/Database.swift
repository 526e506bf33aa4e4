import CSQLite

/// What SQLite refused.
package struct DatabaseError: Error, Equatable, Sendable, CustomStringConvertible {
    /// While doing what.
    package let what: String
    /// SQLite's extended code.
    package let code: Int32
    /// Its words, and who is in the way where that is known.
    package let message: String

    /// One line.
    package var description: String { "\(what): \(message) (SQLite \(code))" }

    /// The last fault of a connection.
    init(_ what: String, _ code: Int32, _ handle: OpaquePointer?) {
        let words = unsafe String(cString: sqlite3_errmsg(handle))
        let isTaken = code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED
        self.what = what
        self.code = code
        message = isTaken ? "another process has it (\(words))" : words
    }
}

/// One connection to an SQLite file; closed at its end.
@safe package struct Database: ~Copyable {
    private let handle: OpaquePointer

    /// Opens the file, made where it is not there.
    package init(_ path: String) throws(DatabaseError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            // Also one that could not open anything is there, and has to be closed.
            let error = unsafe DatabaseError("open \(path)", code, opened)
            _ = unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe self.handle = handle
        unsafe sqlite3_extended_result_codes(handle, 1)
    }

    deinit {
        // Also with statements that are still there: they end it, then.
        _ = unsafe sqlite3_close_v2(handle)
    }

    /// Runs a statement that gives nothing that is wanted.
    package func run(_ statement: String) throws(DatabaseError) {
        let code = unsafe sqlite3_exec(handle, statement, nil, nil, nil)
        guard code == SQLITE_OK else { throw unsafe DatabaseError(statement, code, handle) }
    }

    /// The first column of the first row.
    package func integer(_ question: String) throws(DatabaseError) -> Int {
        let statement = try compile(question)
        guard try statement.next(question) else { return 0 }
        return Int(statement.integer(0) ?? 0)
    }

    /// What the body does is written together or not at all.
    package func transaction<Failure: Error>(
        _ fault: (DatabaseError) -> Failure, _ body: () throws(Failure) -> Void
    ) throws(Failure) {
        do throws(DatabaseError) { try run("BEGIN") } catch { throw fault(error) }
        do throws(Failure) {
            try body()
            do throws(DatabaseError) { try run("COMMIT") } catch { throw fault(error) }
        } catch {
            // Some faults have ended the transaction already.
            try? run("ROLLBACK")
            throw error
        }
    }

    /// Makes a statement ready that may be run more than once.
    package func compile(_ text: String) throws(DatabaseError) -> Statement {
        var made: OpaquePointer?
        let code = unsafe sqlite3_prepare_v2(handle, text, -1, &made, nil)
        guard code == SQLITE_OK, let made = unsafe made else {
            throw unsafe DatabaseError(text, code, handle)
        }
        return unsafe Statement(unsafe: made)
    }
}
