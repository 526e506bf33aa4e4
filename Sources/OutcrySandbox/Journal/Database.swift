import CSQLite

/// One connection to a journal's SQLite file.
@safe struct Database: ~Copyable {
    private let handle: OpaquePointer
    private var insert: Statement?

    init(_ path: String) throws(JournalError) {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let handle = unsafe opened else {
            // Also one that could not open anything is there, and has to be closed.
            let words = unsafe String(cString: sqlite3_errmsg(opened))
            _ = unsafe sqlite3_close_v2(opened)
            throw .refused("open \(path)", code: code, message: words)
        }
        unsafe self.handle = handle
        unsafe sqlite3_extended_result_codes(handle, 1)
    }

    deinit {
        // Also with statements that are still there: they end it, then.
        _ = unsafe sqlite3_close_v2(handle)
    }

    // MARK: Statements

    /// Runs a statement that gives nothing that is wanted.
    func run(_ statement: String) throws(JournalError) {
        let code = unsafe sqlite3_exec(handle, statement, nil, nil, nil)
        guard code == SQLITE_OK else { throw fault(statement, code) }
    }

    /// The first column of the first row.
    func integer(_ question: String) throws(JournalError) -> Int {
        let statement = try compile(question)
        let code = statement.step()
        guard code == SQLITE_ROW else { throw fault(question, code) }
        return Int(statement.integer(0) ?? 0)
    }

    /// Compiles what is run for each record.
    mutating func prepare() throws(JournalError) {
        insert = try compile(
            """
            INSERT INTO record (time, kind, owner, number, market, side, amount, price, text) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
    }

    func append(_ records: [JournalRecord]) throws(JournalError) {
        try run("BEGIN")
        do throws(JournalError) {
            for record in records { try insert(record) }
            try run("COMMIT")
        } catch {
            // Some faults have ended the transaction already.
            try? run("ROLLBACK")
            throw error
        }
    }

    private func insert(_ record: JournalRecord) throws(JournalError) {
        guard let insert else { preconditionFailure("a journal is prepared before it is written") }
        insert.bind(record.time, at: 1)
        insert.bind(record.kind, at: 2)
        insert.bind(record.owner, at: 3)
        insert.bind(record.number, at: 4)
        insert.bind(record.market, at: 5)
        insert.bind(record.side, at: 6)
        insert.bind(record.amount, at: 7)
        insert.bind(record.price, at: 8)
        insert.bind(record.text, at: 9)
        let code = insert.step()
        insert.reset()
        guard code == SQLITE_DONE else { throw fault("write", code) }
    }

    /// The next thousand records.
    func page(after sequence: Int64) throws(JournalError) -> [(Int64, JournalRecord)] {
        let row = try compile(
            """
            SELECT seq, time, kind, owner, number, market, side, amount, price, text FROM record \
            WHERE seq > \(sequence) ORDER BY seq LIMIT 1000
            """)
        var page: [(Int64, JournalRecord)] = []
        while true {
            let code = row.step()
            if code == SQLITE_DONE { return page }
            guard code == SQLITE_ROW else { throw fault("read", code) }
            let sequence = row.integer(0) ?? 0
            guard let time = row.integer(1), let kind = row.text(2) else {
                throw .damaged(record: sequence, "it has no time or no kind")
            }
            let record = JournalRecord(
                kind, at: time, owner: row.integer(3), number: row.integer(4),
                market: row.text(5), side: row.text(6), amount: row.integer(7),
                price: row.integer(8), text: row.text(9))
            page.append((sequence, record))
        }
    }

    func copy(to path: String) throws(JournalError) {
        let statement = try compile("VACUUM INTO ?")
        statement.bind(path, at: 1)
        let code = statement.step()
        guard code == SQLITE_DONE else { throw fault("copy to \(path)", code) }
    }

    private func compile(_ text: String) throws(JournalError) -> Statement {
        var made: OpaquePointer?
        let code = unsafe sqlite3_prepare_v2(handle, text, -1, &made, nil)
        guard code == SQLITE_OK, let made = unsafe made else { throw fault(text, code) }
        return unsafe Statement(unsafe: made)
    }

    private func fault(_ what: String, _ code: Int32) -> JournalError {
        let words = unsafe String(cString: sqlite3_errmsg(handle))
        let isTaken = code & 0xff == SQLITE_BUSY || code & 0xff == SQLITE_LOCKED
        return .refused(
            what, code: code, message: isTaken ? "another process has it (\(words))" : words)
    }
}
