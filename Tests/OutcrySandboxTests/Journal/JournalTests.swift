import Foundation
import OutcryServing
import Testing

@testable import OutcrySandbox

@Suite struct JournalTests {
    /// A folder for one test, gone with it.
    private final class Folder {
        let path: String
        init() throws {
            path = NSTemporaryDirectory() + "outcry-journal-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
        func file(_ name: String) -> String { path + "/" + name }
    }

    private static let records = [
        JournalRecord("step", at: 1),
        JournalRecord(
            "submit", at: 2, owner: 5, number: 7, market: "BTCUSD", side: "buy", amount: .max,
            price: .min, text: "a\0b 'name' with \u{1F980} and \"quotes\"; DROP TABLE record;"),
        JournalRecord("deposit", at: 3, owner: 5, market: "BTC", amount: 0, text: ""),
    ]

    private func all(_ journal: Journal) throws -> [JournalRecord] {
        var found: [JournalRecord] = []
        try journal.replay { found.append($0) }
        return found
    }

    @Test(arguments: [false, true]) func whatWasWrittenIsReadAgain(isDurable: Bool) throws {
        let folder = try Folder()
        do {
            let journal = try Journal(path: folder.file("j"), isDurable: isDurable)
            #expect(try all(journal).isEmpty)
            try journal.append(Array(Self.records.prefix(1)))
            try journal.append(Array(Self.records.dropFirst()))
            try journal.append([])
        }
        let journal = try Journal(path: folder.file("j"), isDurable: isDurable)
        #expect(try all(journal) == Self.records)
        #expect(try journal.count() == 3)
    }

    @Test func thousandsAreReadInTheirOrder() throws {
        let folder = try Folder()
        let journal = try Journal(path: folder.file("j"))
        for batch in 0..<5 {
            try journal.append(
                (0..<700).map { JournalRecord("step", at: Int64(batch * 700 + $0)) })
        }
        #expect(try all(journal).map(\.time) == Array(0..<3_500))
    }

    @Test func aSecondOneIsRefused() throws {
        let folder = try Folder()
        let first = try Journal(path: folder.file("j"))
        do {
            _ = try Journal(path: folder.file("j"))
            Issue.record("two have the same journal")
        } catch { #expect("\(error)".contains("another process has it"), "\(error)") }
        try first.append(Self.records)
        #expect(try first.count() == 3)
    }

    @Test func somebodyElsesFileIsRefused() throws {
        let folder = try Folder()
        let text = folder.file("text")
        try Data("not a database, but a text that is long enough\n".utf8)
            .write(to: URL(fileURLWithPath: text))
        #expect(throws: JournalError.self) { try Journal(path: text) }
        let other = folder.file("other")
        do {
            let database = try Database(other)
            try database.run("CREATE TABLE people (name TEXT)")
        }
        #expect(throws: JournalError.foreign(other)) { try Journal(path: other) }
        let later = folder.file("later")
        do {
            _ = try Journal(path: later)
            let database = try Database(later)
            try database.run("PRAGMA user_version=9")
        }
        #expect(throws: JournalError.version(expected: 1, found: 9)) { try Journal(path: later) }
        #expect(throws: JournalError.self) { try Journal(path: folder.file("none/j")) }
    }

    @Test func aCopyIsAWholeJournal() throws {
        let folder = try Folder()
        let journal = try Journal(path: folder.file("j"))
        try journal.append(Self.records)
        try journal.copy(to: folder.file("copy"))
        try journal.append(Self.records)
        #expect(try all(Journal(path: folder.file("copy"))) == Self.records)
        #expect(throws: JournalError.self) { try journal.copy(to: folder.file("copy")) }
    }

    // MARK: Batches

    @Test func oneBatchIsOnItsWay() {
        var commit = GroupCommit()
        #expect(commit.next() == nil)
        #expect(commit.isSettled)
        commit.add([Self.records[0]])
        #expect(commit.next() == [Self.records[0]])
        commit.add([Self.records[1]])
        commit.add([Self.records[2]])
        #expect(commit.next() == nil, "one at a time")
        #expect(commit.written == 0)
        commit.finish()
        #expect(commit.written == 1)
        #expect(commit.next() == Array(Self.records.dropFirst()))
        commit.finish()
        #expect(commit.isSettled)
        #expect(commit.batches == 2)
    }

    @Test func aBatchHasAThousandAtMost() {
        var commit = GroupCommit()
        for time in 0..<2_500 { commit.add([JournalRecord("step", at: Int64(time))]) }
        var sizes: [Int] = []
        while let batch = commit.next() {
            sizes.append(batch.count)
            commit.finish()
        }
        #expect(sizes == [1_000, 1_000, 500])
    }

    /// What belongs together is never in two batches.
    @Test func aUnitIsNotCut() {
        var commit = GroupCommit()
        func unit(_ count: Int) -> [JournalRecord] {
            (0..<count).map { JournalRecord("step", at: Int64($0)) }
        }
        for count in [999, 2, 998, 1_500, 1] { commit.add(unit(count)) }
        var sizes: [Int] = []
        while let batch = commit.next() {
            sizes.append(batch.count)
            commit.finish()
        }
        #expect(sizes == [999, 1_000, 1_500, 1])
        #expect(commit.isSettled)
        commit.add([])
        #expect(commit.next() == nil)
    }

    @Test func aRecordShowsNoSecret() {
        let record = JournalRecord("key", at: 5, text: "guid secret rights")
        #expect(!"\(record)".contains("secret"))
        #expect(!String(reflecting: record).contains("secret"))
        var dumped = ""
        dump(record, to: &dumped)
        #expect(!dumped.contains("secret"))
    }
}
