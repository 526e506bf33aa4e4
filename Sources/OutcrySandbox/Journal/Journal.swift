import OutcryServing
import Synchronization

/// The durable half of a sandbox: every command that changes it, in order, in one SQLite file.
///
/// The file is in WAL mode. A batch is one transaction: what ``append(_:)`` has returned from survives the
/// process's death, and with `isDurable` (synchronous=FULL: one fsync a batch) the machine's too. One process
/// at a time has it. It may be used from any thread, as offloaded work is, one call after the other.
public final class Journal: Sendable {
    /// The path of the file.
    public let path: String
    private let table: Mutex<JournalTable>

    /// `Outc`: SQLite's mark for whose file it is.
    private static let applicationID = 0x4F75_7463
    /// The version of the table.
    static let version = 1

    /// Opens the journal, made where it is not there.
    ///
    /// - Parameters:
    ///   - path: Where; its directory exists.
    ///   - isDurable: Each batch is on the disk before it counts, not only with the system.
    /// - Throws: ``JournalError``; also where another process has it.
    public init(path: String, isDurable: Bool = false) throws(JournalError) {
        self.path = path
        let opened = try Self.open(path, isDurable: isDurable)
        table = Mutex(opened)
    }

    private static func open(
        _ path: String, isDurable: Bool
    ) throws(JournalError) -> sending JournalTable {
        var (mark, found) = (0, 0)
        let database = try begin(path, isDurable: isDurable, &mark, &found)
        guard mark == applicationID else { throw .foreign(path) }
        guard found <= version else { throw .version(expected: version, found: found) }
        return try JournalTable(database)
    }

    /// Opens the file, and tells whose it is and of which version.
    private static func begin(
        _ path: String, isDurable: Bool, _ mark: inout Int, _ found: inout Int
    ) throws(JournalError) -> Database {
        do throws(DatabaseError) {
            let database = try Database(path)
            try database.run("PRAGMA locking_mode=EXCLUSIVE")
            try database.run("PRAGMA journal_mode=WAL")
            try database.run("PRAGMA synchronous=\(isDurable ? "FULL" : "NORMAL")")
            // Taken at once: a second process finds out here, not at its first order.
            try database.run("BEGIN EXCLUSIVE")
            try makeTable(database)
            mark = try database.integer("PRAGMA application_id")
            found = try database.integer("PRAGMA user_version")
            try database.run("COMMIT")
            return database
        } catch { throw JournalError(error) }
    }

    /// Makes the table in a file where nothing is.
    private static func makeTable(_ database: borrowing Database) throws(DatabaseError) {
        guard try database.integer("PRAGMA application_id") == 0,
            try database.integer("PRAGMA user_version") == 0,
            try database.integer("SELECT count(*) FROM sqlite_master") == 0
        else { return }
        try database.run("PRAGMA application_id=\(applicationID)")
        try database.run("PRAGMA user_version=\(version)")
        try database.run(
            """
            CREATE TABLE record (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, \
            kind TEXT NOT NULL, owner INTEGER, number INTEGER, market TEXT, side TEXT, \
            amount INTEGER, price INTEGER, text TEXT)
            """)
    }

    /// Writes a batch: all of it, or nothing.
    public func append(_ records: [JournalRecord]) throws(JournalError) {
        try table.withLock { (table) throws(JournalError) in
            try table.append(records)
        }
    }

    /// Calls `body` with every record in the order in which they were written.
    ///
    /// - Throws: ``JournalError``, and what `body` throws.
    public func replay(_ body: (JournalRecord) throws(JournalError) -> Void) throws(JournalError) {
        var last: Int64 = 0
        while true {
            // A thousand at a time: `body` runs without the lock.
            let from = last
            let page = try table.withLock { (table) throws(JournalError) in
                try table.page(after: from)
            }
            for (sequence, record) in page {
                try body(record)
                last = sequence
            }
            if page.isEmpty { return }
        }
    }

    /// How many records there are.
    public func count() throws(JournalError) -> Int {
        try table.withLock { (table) throws(JournalError) in
            try table.count()
        }
    }

    /// Writes a copy of the whole journal, which a sandbox can be started on.
    ///
    /// - Parameter path: A file that is not there yet.
    public func copy(to path: String) throws(JournalError) {
        try table.withLock { (table) throws(JournalError) in
            try table.copy(to: path)
        }
    }
}
