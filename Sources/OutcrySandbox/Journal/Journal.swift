import CSQLite
import Synchronization

/// The durable half of a sandbox: every command that changes it, in order, in one SQLite file.
///
/// The file is in WAL mode. A batch is one transaction: what ``append(_:)`` has returned from survives the
/// process's death, and with `isDurable` (synchronous=FULL: one fsync a batch) the machine's too. One process
/// at a time has it. It may be used from any thread, as offloaded work is, one call after the other.
public final class Journal: Sendable {
    /// The path of the file.
    public let path: String
    private let database: Mutex<Database>

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
        let handle = try Self.open(path, isDurable: isDurable)
        database = Mutex(handle)
    }

    private static func open(_ path: String, isDurable: Bool) throws(JournalError)
        -> sending Database
    {
        var database = try Database(path)
        try database.run("PRAGMA locking_mode=EXCLUSIVE")
        try database.run("PRAGMA journal_mode=WAL")
        try database.run("PRAGMA synchronous=\(isDurable ? "FULL" : "NORMAL")")
        // Taken at once: a second process finds out here, not at its first order.
        try database.run("BEGIN EXCLUSIVE")
        let mark = try database.integer("PRAGMA application_id")
        let found = try database.integer("PRAGMA user_version")
        let tables = try database.integer("SELECT count(*) FROM sqlite_master")
        if mark == 0, found == 0, tables == 0 {
            try database.run("PRAGMA application_id=\(applicationID)")
            try database.run("PRAGMA user_version=\(version)")
            try database.run(
                """
                CREATE TABLE record (seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, \
                kind TEXT NOT NULL, owner INTEGER, number INTEGER, market TEXT, side TEXT, \
                amount INTEGER, price INTEGER, text TEXT)
                """)
        } else {
            guard mark == applicationID else { throw .foreign(path) }
            guard found <= version else { throw .version(expected: version, found: found) }
        }
        try database.run("COMMIT")
        try database.prepare()
        return database
    }

    /// Writes a batch: all of it, or nothing.
    public func append(_ records: [JournalRecord]) throws(JournalError) {
        try database.withLock { (database) throws(JournalError) in
            try database.append(records)
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
            let page = try database.withLock { (database) throws(JournalError) in
                try database.page(after: from)
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
        try database.withLock { (database) throws(JournalError) in
            try database.integer("SELECT count(*) FROM record")
        }
    }

    /// Writes a copy of the whole journal, which a sandbox can be started on.
    ///
    /// - Parameter path: A file that is not there yet.
    public func copy(to path: String) throws(JournalError) {
        try database.withLock { (database) throws(JournalError) in
            try database.copy(to: path)
        }
    }
}
