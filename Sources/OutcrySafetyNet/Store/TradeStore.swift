public import OutcryMarket
import OutcryServing
import OutcryVenues
import Synchronization

/// Why a store of trades could not be opened, written or read.
@nonexhaustive
public enum TradeStoreError: Error, Equatable, Sendable, CustomStringConvertible {
    /// SQLite said no: while doing what, its code, its words.
    case refused(String, code: Int32, message: String)
    /// The file is a database of something else.
    case foreign(String)
    /// The file was written by a later version: expected, found.
    case version(expected: Int, found: Int)

    init(_ error: DatabaseError) {
        self = .refused(error.what, code: error.code, message: error.message)
    }

    /// One line.
    public var description: String {
        switch self {
        case .refused(let what, let code, let message):
            "the trade history: \(what): \(message) (SQLite \(code))"
        case .foreign(let path):
            "expected a trade history of a SafetyNet, found something else: \(path)"
        case .version(let expected, let found):
            "expected a trade history of version \(expected) at most, found version \(found)"
        }
    }
}

/// The trades of markets since the beginning, and what is known to be whole of them, in one SQLite file.
///
/// The file is in WAL mode. A batch is one transaction: its trades and the span that they make whole are
/// there together or not at all, also after the process was killed. One process at a time has the file. It
/// may be used from any thread, as offloaded work is.
public final class TradeStore: Sendable {
    /// The path of the file.
    public let path: String
    private let table: Mutex<TradeTable>

    /// `OutN`: SQLite's mark for whose file it is.
    private static let applicationID = 0x4F75_744E
    /// The version of the tables.
    static let version = 1

    /// Opens the file, made where it is not there; its directory exists.
    ///
    /// - Throws: ``TradeStoreError``; also where another process has it.
    public init(path: String) throws(TradeStoreError) {
        self.path = path
        let opened = try Self.open(path)
        table = Mutex(opened)
    }

    private static func open(_ path: String) throws(TradeStoreError) -> sending TradeTable {
        var (mark, found) = (0, 0)
        let database = try begin(path, &mark, &found)
        guard mark == applicationID else { throw .foreign(path) }
        guard found <= version else { throw .version(expected: version, found: found) }
        return try TradeTable(database)
    }

    private static func begin(
        _ path: String, _ mark: inout Int, _ found: inout Int
    ) throws(TradeStoreError) -> Database {
        do throws(DatabaseError) {
            let database = try Database(path)
            try database.run("PRAGMA locking_mode=EXCLUSIVE")
            try database.run("PRAGMA journal_mode=WAL")
            try database.run("PRAGMA synchronous=NORMAL")
            try database.run("BEGIN EXCLUSIVE")
            if try database.integer("SELECT count(*) FROM sqlite_master") == 0,
                try database.integer("PRAGMA application_id") == 0
            {
                try database.run("PRAGMA application_id=\(applicationID)")
                try database.run("PRAGMA user_version=\(version)")
                for table in TradeTable.schema { try database.run(table) }
            }
            mark = try database.integer("PRAGMA application_id")
            found = try database.integer("PRAGMA user_version")
            try database.run("COMMIT")
            return database
        } catch { throw TradeStoreError(error) }
    }

    /// Writes trades and the span that they make whole: all of it, or nothing. A trade that is there
    /// already stays as it is.
    ///
    /// - Parameter span: With these trades, everything in it is stored; nil: nothing is known to be whole.
    /// - Returns: What is whole now.
    func add(
        _ trades: [Trade], of market: Instrument, whole span: TradeSpan?
    ) throws(TradeStoreError) -> TradeSpans {
        try table.withLock { (table) throws(TradeStoreError) in
            try table.add(trades, market, span)
        }
    }

    /// What is whole of a market.
    func spans(of market: Instrument) throws(TradeStoreError) -> TradeSpans {
        try table.withLock { (table) throws(TradeStoreError) in try table.spans(market) }
    }

    /// The first trades with a number above `after`, up to and with `until`; `most` of them.
    func trades(
        of market: Instrument, after: Int64, until: Int64 = .max, most: Int
    ) throws(TradeStoreError) -> [Trade] {
        try table.withLock { (table) throws(TradeStoreError) in
            try table.trades(market, after, until, most)
        }
    }

    /// How many trades of a market there are.
    public func count(of market: Instrument) throws(TradeStoreError) -> Int {
        try table.withLock { (table) throws(TradeStoreError) in try table.count(market) }
    }
}
