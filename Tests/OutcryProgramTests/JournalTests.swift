import Foundation
import Glibc
import Testing

extension ProgramTests {
    /// `outcry record` and `outcry replay`, around the demo: exchange and bot on one kernel.
    @Suite(.serialized) struct JournalTests {
        private static let demo = ["demo", "--plain", "--seconds"]

        private func record(_ path: String, _ words: [String]) throws -> Child {
            let program = try Built.program("outcry").path
            return try Child("outcry", ["record", "--out", path, "--", program] + words)
        }

        private func replay(
            _ path: String, _ options: [String] = [], _ words: [String]
        ) throws -> Child.End {
            let program = try Built.program("outcry").path
            return try Child(
                "outcry", ["replay", path] + options + ["--", program] + words
            ).end()
        }

        /// What stands behind `hash ` in a line of the standard error output.
        private func hash(_ errors: String) -> Substring? {
            errors.split(separator: "\n").first { $0.contains("hash ") }?
                .split(separator: "hash ").last?.prefix { $0.isHexDigit }
        }

        @Test func theSameAgain() throws {
            let folder = try Folder()
            let path = "\(folder.path)/demo.journal"
            let recorded = try record(path, Self.demo + ["2", "--restart-at", "1"]).end()
            #expect(recorded.status == 0, "\(recorded.errors)")
            let again = try replay(path, [], Self.demo + ["2", "--restart-at", "1"])
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.errors.contains("identical to the end"), "\(again.errors)")
            #expect(hash(again.errors) != nil)
            #expect(hash(again.errors) == hash(recorded.errors))
            // All but how long it took.
            func lines(_ end: Child.End) -> [Substring] {
                end.lines.filter { !$0.hasPrefix("from the engine") }
            }
            #expect(lines(again) == lines(recorded))
            // A second recording is not written over the first.
            let second = try record(path, Self.demo + ["1"]).end()
            #expect(second.status == 1)
            #expect(second.errors.contains("expected a new file"), "\(second.errors)")
        }

        @Test func aProgramThatDiffers() throws {
            let folder = try Folder()
            let path = "\(folder.path)/demo.journal"
            let child = try record(path, Self.demo + ["600"])
            for _ in 0..<2 { try child.line(with: "good") }
            child.send(SIGINT)
            let recorded = try child.end()
            #expect(recorded.status == 0, "\(recorded.errors)")
            let other = try replay(path, [], Self.demo + ["600", "--fault", "double-depth=1000"])
            #expect(other.status == 4, "\(other.errors)")
            #expect(other.errors.contains("the first difference: after input "), "\(other.errors)")
            #expect(other.errors.contains("\n  recorded: "), "\(other.errors)")
            #expect(other.errors.contains("\n  replayed: "), "\(other.errors)")
            // As far as the change shows itself not, it is the same.
            let early = try replay(
                path, ["--until", "0.05"],
                Self.demo + ["600", "--fault", "double-depth=1000"])
            #expect(early.status == 0, "\(early.errors)")
            #expect(early.errors.contains("identical up to "), "\(early.errors)")
        }

        @Test func killedAtAnyMoment() throws {
            let folder = try Folder()
            let path = "\(folder.path)/demo.journal"
            let child = try record(path, Self.demo + ["86400"])
            try child.line(with: "good")
            try child.line(with: "good")
            child.send(SIGKILL)
            let end = try child.end()
            #expect(end.signal == SIGKILL)
            let again = try replay(path, [], Self.demo + ["86400"])
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.errors.contains("as far as the journal goes"), "\(again.errors)")
            #expect(again.output.contains("good"))
        }

        @Test func encrypted() throws {
            let folder = try Folder()
            let path = "\(folder.path)/demo.journal"
            let key = "\(folder.path)/key"
            #expect(
                FileManager.default.createFile(
                    atPath: key, contents: Data("a text that nobody guesses".utf8),
                    attributes: [.posixPermissions: 0o600]))
            let program = try Built.program("outcry").path
            let words = [program] + Self.demo + ["1"]
            let recorded = try Child(
                "outcry", ["record", "--out", path, "--key", key, "--"] + words
            ).end()
            #expect(recorded.status == 0, "\(recorded.errors)")
            let content = try Data(contentsOf: URL(fileURLWithPath: path))
            #expect(content.range(of: Data("24e67e0d-1cad-4cc0-9e7a-f8523ef460fe".utf8)) == nil)
            let again = try replay(path, ["--key", key], Self.demo + ["1"])
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.errors.contains("identical to the end"), "\(again.errors)")
            let without = try replay(path, [], Self.demo + ["1"])
            #expect(without.status == 1)
            #expect(without.errors.contains("expected the key"), "\(without.errors)")
        }

        @Test func wrongWords() throws {
            for words in [["record"], ["record", "--"], ["replay"]] {
                let end = try Child("outcry", words).end()
                #expect(end.status == 2, "\(words)")
            }
            let folder = try Folder()
            let none = try replay("\(folder.path)/none", [], ["demo"])
            #expect(none.status == 1)
            #expect(none.errors.contains("No such file"), "\(none.errors)")
        }
    }
}
