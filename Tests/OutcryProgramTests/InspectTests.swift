import Foundation
import Glibc
import Testing

extension ProgramTests {
    /// `outcry inspect` and the door that each program on a reactor has.
    @Suite(.serialized) struct InspectTests {
        /// A demo that goes on, once it has a book, with doors in a folder of its own.
        private func demo(
            _ environment: [String: String] = [:], _ words: [String] = []
        ) throws -> (child: Child, runtime: Folder, environment: [String: String]) {
            let runtime = try Folder()
            _ = unsafe chmod(runtime.path, 0o700)
            var all = environment
            all["XDG_RUNTIME_DIR"] = runtime.path
            let child = try Child(
                "outcry", words + ["demo", "--plain", "--seconds", "600"], environment: all)
            try child.line(with: "good")
            return (child, runtime, all)
        }

        private func inspect(
            _ words: [String], _ environment: [String: String]
        ) throws -> Child.End {
            try Child("outcry", ["inspect"] + words, environment: environment).end()
        }

        private func end(_ child: Child) throws {
            child.send(SIGINT)
            let end = try child.end()
            #expect(end.status == 0, "\(end.errors)")
        }

        @Test func aDemoIsLookedAt() throws {
            let (child, runtime, environment) = try demo(["OUTCRY_MEASURE": "1"])
            let process = "\(child.process)"
            let folder = runtime.path + "/outcry"
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [process])
            let mode = try FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions]
            #expect(mode as? Int == 0o700)

            let json = try inspect([process, "--json"], environment)
            #expect(json.status == 0, "\(json.errors)")
            let document = try #require(
                JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
            #expect(document["pid"] as? Int == Int(child.process))
            #expect(document["program"] as? String == "outcry")
            let counters = try #require(document["counters"] as? [String: Any])
            #expect(try #require(counters["dispatched"] as? Int) > 100)
            let sessions = try #require(document["sessions"] as? [[String: Any]])
            #expect(counters["sessions"] as? Int == sessions.count)
            let books = try #require(
                sessions.first { $0["alias"] as? String == "mtgox.books" })
            #expect(books["type"] as? String == "DepthBook")
            let parent = try #require(
                sessions.first { $0["id"] as? String == books["parent"] as? String })
            #expect((parent["type"] as? String) == "LinkSupervisor")
            #expect((books["why_alive"] as? [String])?.contains("alias mtgox.books") == true)
            let handlers = try #require(document["handlers"] as? [[String: Any]])
            let table = try #require(handlers.first { $0["type"] as? String == "DepthBook" })
            #expect((table["events"] as? [String])?.contains("depth") == true)
            let alarms = try #require(document["alarms"] as? [[String: Any]])
            #expect(alarms.contains { $0["event"] as? String == "books.check" })
            let states = try #require(document["states"] as? [[String: Any]])
            let book = try #require(states.first { $0["kind"] as? String == "book" })
            let facts = try #require(book["facts"] as? [String: Any])
            #expect(facts["instrument"] as? String == "BTCUSD")
            #expect(facts["state"] as? String == "live")
            #expect(try #require(facts["levels"] as? Int) > 100)
            #expect(facts["bid"] is String && facts["ask"] is String)
            let events = try #require(document["events"] as? [[String: Any]])
            let depth = try #require(events.first { $0["event"] as? String == "depth" })
            #expect(try #require(depth["count"] as? Int) > 10)
            #expect(
                try #require(depth["taken_p50_ns"] as? Int)
                    <= (try #require(depth["taken_max_ns"] as? Int)))

            let text = try inspect([process], environment)
            #expect(text.status == 0, "\(text.errors)")
            for words in [
                " events a second", "book of mtgox.books: instrument BTCUSD, state live",
                "times in handlers", "DepthBook handles ", "alarm of ",
            ] { #expect(text.output.contains(words), "\(words) in \(text.output)") }
            // The tree: a part of the link stands deeper than the link.
            #expect(text.output.contains("\n    mtgox.books "), "\(text.output)")

            let list = try inspect([], environment)
            #expect(list.output.contains(process), "\(list.output)")

            try end(child)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }

        @Test func whoCannotBeLookedAt() throws {
            let (child, runtime, environment) = try demo(["OUTCRY_INSPECT": "0"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: runtime.path).isEmpty)
            let closed = try inspect(["\(child.process)"], environment)
            #expect(closed.status == 3)
            #expect(closed.errors.contains("that can be looked at"), "\(closed.errors)")
            try end(child)
            let gone = try inspect(["\(child.process)"], environment)
            #expect(gone.status == 1)
            #expect(gone.errors.contains("expected a running process"), "\(gone.errors)")
            let words = try inspect(["demo"], environment)
            #expect(words.status == 2)
            #expect(words.errors.contains("found \"demo\""), "\(words.errors)")
        }

        @Test func whoStandsStillIsToldSo() throws {
            let (child, runtime, environment) = try demo()
            defer { withExtendedLifetime(runtime) {} }
            child.send(SIGSTOP)
            let silent = try inspect(["\(child.process)"], environment)
            #expect(silent.status == 3)
            #expect(silent.errors.contains("expected an answer within"), "\(silent.errors)")
            child.send(SIGCONT)
            try end(child)
        }

        @Test func whatDeadOnesLeaveIsRemoved() throws {
            let (child, runtime, environment) = try demo()
            let path = "\(runtime.path)/outcry/\(child.process)"
            child.send(SIGKILL)
            _ = try child.end()
            #expect(FileManager.default.fileExists(atPath: path))
            let list = try inspect([], environment)
            // These tests have reactors, too.
            let listed = list.output.split(separator: "\n").compactMap {
                $0.split(separator: " ").first
            }
            #expect(!listed.contains("\(child.process)"), "\(list.output)")
            #expect(!FileManager.default.fileExists(atPath: path))
        }

        /// A folder that others could write to is not used, and not believed.
        @Test func anOpenFolderIsNotUsed() throws {
            let runtime = try Folder()
            _ = unsafe chmod(runtime.path, 0o700)
            try FileManager.default.createDirectory(
                atPath: runtime.path + "/outcry", withIntermediateDirectories: false)
            _ = unsafe chmod(runtime.path + "/outcry", 0o755)
            let environment = ["XDG_RUNTIME_DIR": runtime.path]
            let child = try Child(
                "outcry", ["demo", "--plain", "--seconds", "600"], environment: environment)
            try child.line(with: "good")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: runtime.path + "/outcry")
                    .isEmpty
            )
            let look = try inspect(["\(child.process)"], environment)
            #expect(look.status == 3, "\(look.errors)")
            try end(child)
        }

        /// To be looked at changes nothing that a journal knows.
        @Test func aRecordedDemoIsTheSameWhenItWasLookedAt() throws {
            let folder = try Folder()
            let runtime = try Folder()
            _ = unsafe chmod(runtime.path, 0o700)
            let environment = ["XDG_RUNTIME_DIR": runtime.path]
            let program = try Built.program("outcry").path
            let path = "\(folder.path)/demo.journal"
            let words = [program, "demo", "--plain", "--seconds", "600"]
            let child = try Child(
                "outcry", ["record", "--out", path, "--"] + words, environment: environment)
            try child.line(with: "good")
            for _ in 0..<3 {
                let look = try inspect(["\(child.process)", "--json"], environment)
                #expect(look.status == 0, "\(look.errors)")
            }
            try end(child)
            let again = try Child("outcry", ["replay", path, "--"] + words).end()
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.errors.contains("identical to the end"), "\(again.errors)")
        }
    }
}
