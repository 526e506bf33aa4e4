import OutcryServing

/// The table of a journal in its SQLite file.
struct JournalTable: ~Copyable {
    private let database: Database
    private let insert: Statement

    /// Compiles what is run for each record.
    init(_ database: consuming Database) throws(JournalError) {
        do throws(DatabaseError) {
            insert = try database.compile(
                """
                INSERT INTO record (time, kind, owner, number, market, side, amount, price, text) \
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        } catch { throw JournalError(error) }
        self.database = database
    }

    func append(_ records: [JournalRecord]) throws(JournalError) {
        try database.transaction(JournalError.init) { () throws(JournalError) in
            do throws(DatabaseError) {
                for record in records { try write(record) }
            } catch { throw JournalError(error) }
        }
    }

    private func write(_ record: JournalRecord) throws(DatabaseError) {
        insert.bind(record.time, at: 1)
        insert.bind(record.kind, at: 2)
        insert.bind(record.owner, at: 3)
        insert.bind(record.number, at: 4)
        insert.bind(record.market, at: 5)
        insert.bind(record.side, at: 6)
        insert.bind(record.amount, at: 7)
        insert.bind(record.price, at: 8)
        insert.bind(record.text, at: 9)
        defer { insert.reset() }
        _ = try insert.next("write")
    }

    /// How many records there are.
    func count() throws(JournalError) -> Int {
        do throws(DatabaseError) {
            return try database.integer("SELECT count(*) FROM record")
        } catch { throw JournalError(error) }
    }

    /// The next thousand records.
    func page(after sequence: Int64) throws(JournalError) -> [(Int64, JournalRecord)] {
        var page: [(Int64, JournalRecord)] = []
        do throws(DatabaseError) {
            let row = try database.compile(
                """
                SELECT seq, time, kind, owner, number, market, side, amount, price, text \
                FROM record WHERE seq > \(sequence) ORDER BY seq LIMIT 1000
                """)
            while try row.next("read") { page.append((row.integer(0) ?? 0, record(row))) }
        } catch { throw JournalError(error) }
        for (sequence, record) in page where record.kind.isEmpty || record.time == .min {
            throw .damaged(record: sequence, "it has no time or no kind")
        }
        return page
    }

    private func record(_ row: Statement) -> JournalRecord {
        JournalRecord(
            row.text(2) ?? "", at: row.integer(1) ?? .min, owner: row.integer(3),
            number: row.integer(4), market: row.text(5), side: row.text(6),
            amount: row.integer(7), price: row.integer(8), text: row.text(9))
    }

    func copy(to path: String) throws(JournalError) {
        do throws(DatabaseError) {
            let statement = try database.compile("VACUUM INTO ?")
            statement.bind(path, at: 1)
            _ = try statement.next("copy to \(path)")
        } catch { throw JournalError(error) }
    }
}

extension JournalError {
    /// What SQLite refused.
    init(_ error: DatabaseError) {
        self = .refused(error.what, code: error.code, message: error.message)
    }
}
