import Glibc
import OutcryBytes
import OutcryJournal
import OutcryKernel
import OutcryReactor
import OutcrySimulation
import Testing

/// Journals in files.
@Suite(.serialized) struct FileTests {
    /// A folder of its own for one test.
    final class Folder {
        let path: String
        init() {
            var name = Array("/tmp/outcry-journal-XXXXXX".utf8CString)
            path = unsafe name.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress, let made = unsafe mkdtemp(base) else {
                    return "/nowhere"
                }
                return unsafe String(cString: made)
            }
        }
        deinit {
            for name in names { _ = unsafe unlink("\(path)/\(name)") }
            _ = unsafe rmdir(path)
        }
        var names: [String] {
            var names: [String] = []
            guard let folder = unsafe opendir(path) else { return [] }
            while let entry = unsafe readdir(folder) {
                let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { names.append(name) }
            }
            unsafe closedir(folder)
            return names.sorted()
        }
    }

    /// Echoes over loopback, with alarms, until it has had enough.
    final class Loop: Session {
        private var beats = 0
        private(set) var got = 0
        private var stream: StreamWheel?
        let most: Int
        /// Looks at the journal while it is being written.
        var look: (() -> Void)?
        init(most: Int) { self.most = most }

        static func handlers(_ on: inout Handlers<Loop>) {
            on(.started) { _, _, my in
                let listener = try my.listen(on: .loopback(port: 0))
                _ = my.connect(to: .address(listener.address))
            }
            on(.streamOpened) { me, stream, _ in
                me.stream = stream
                me.put(stream)
            }
            on(.streamAccepted) { _, _, _ in }
            on(.streamReceived) { me, stream, my in
                me.got += stream.inbound.count
                stream.inbound.removeAll()
                me.beats += 1
                if me.beats == me.most { return my.kernel.stop() }
                if me.beats == me.most / 2 { me.look?() }
                if let stream = me.stream { me.put(stream) }
            }
        }

        private func put(_ stream: StreamWheel) {
            stream.put([UInt8](repeating: UInt8(beats & 0xff), count: 5000).span)
        }
    }

    private func run(_ driver: any Driver, most: Int, look: (() -> Void)? = nil) throws -> Int {
        let kernel = Kernel(driver: driver)
        kernel.logLevel = .error
        let loop = Loop(most: most)
        loop.look = look
        kernel.start(loop, alias: "loop")
        try kernel.run()
        return loop.got
    }

    private func options(_ path: String, partSize: Int = 256 << 20) -> ReactorOptions {
        var options = ReactorOptions()
        options.takesSignals = false
        options.journal = JournalFileOptions(path: path)
        options.journal?.partSize = partSize
        options.journal?.name = "loop"
        return options
    }

    @Test func aReactorsJournal() throws {
        let folder = Folder()
        let path = "\(folder.path)/loop.journal"
        let got = try run(try Reactor(options(path)), most: 40)
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        // The head's place, the block that was being written, and no room that was set aside.
        #expect(status.st_size % 262_144 == 0 && status.st_size <= 4 * 262_144)
        let files = try JournalFiles(reading: path)
        #expect(files.program == "loop")
        #expect(files.partCount == 1)
        let replay = Replay(files)
        #expect(try run(replay, most: 40) == got)
        #expect(replay.end == .identical)
    }

    @Test func partsAndRuns() throws {
        let folder = Folder()
        let path = "\(folder.path)/loop.journal"
        let got = try run(try Reactor(options(path, partSize: 800_000)), most: 120)
        let second = try run(try Reactor(options(path)), most: 10)
        let parts = folder.names.filter { $0.hasPrefix("loop.journal.") }.count
        #expect(parts >= 2)
        #expect(folder.names.contains("loop.journal-2"))
        let files = try JournalFiles(reading: path)
        #expect(files.partCount == parts + 1)
        let replay = Replay(files)
        #expect(try run(replay, most: 120) == got)
        #expect(replay.end == .identical)
        let other = Replay(try JournalFiles(reading: "\(path)-2"))
        #expect(try run(other, most: 10) == second)
        #expect(other.end == .identical)
    }

    /// What a process that died at any moment would have left: the file, as others see it, within a turn.
    @Test func killedInTheMiddle() throws {
        let folder = Folder()
        let path = "\(folder.path)/loop.journal"
        let before = "\(folder.path)/before.journal"
        _ = try run(
            try Reactor(options(path)), most: 60, look: { Self.copy(path, before) })
        let replay = Replay(try JournalFiles(reading: before))
        let got = try run(replay, most: 60)
        guard case .journalEnded = replay.end else {
            Issue.record("expected an end, found \(String(describing: replay.end))")
            return
        }
        #expect(got > 29 * 5000 - 10_000 && got < 60 * 5000, "\(got)")
    }

    /// Nothing that came can be read in the file; with its key it is played back, with another it is not.
    @Test func encrypted() throws {
        let folder = Folder()
        let path = "\(folder.path)/loop.journal"
        let key = try JournalKey([UInt8](repeating: 7, count: 32).span)
        let other = try JournalKey([UInt8](repeating: 8, count: 32).span)
        var options = options(path, partSize: 300_000)
        options.journal?.key = key
        let got = try run(try Reactor(options), most: 80)
        #expect(folder.names.count > 1)
        for name in folder.names {
            let bytes = Self.content("\(folder.path)/\(name)")
            // Each message is 5,000 times the same byte.
            let longest = bytes.indices.dropFirst().reduce(into: (run: 0, most: 0)) {
                found, place in
                found.run =
                    bytes[place] == bytes[place - 1] && bytes[place] != 0 ? found.run + 1 : 0
                found.most = max(found.most, found.run)
            }
            #expect(longest.most < 16, "\(name)")
        }
        let replay = Replay(try JournalFiles(reading: path, key: key))
        #expect(try run(replay, most: 80) == got)
        #expect(replay.end == .identical)
        for wrong in [nil, other] {
            let error = #expect(throws: SystemError.self) {
                try JournalFiles(reading: path, key: wrong)
            }
            #expect(error?.message.contains("expected the key") == true)
        }
        #expect(throws: SystemError.self) { try JournalKey([1, 2, 3].span) }
        #expect("\(key)" == "a key")
    }

    @Test func noJournal() throws {
        let folder = Folder()
        let path = "\(folder.path)/text"
        #expect(throws: SystemError.self) { try JournalFiles(reading: path) }
        let file = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
        let text = [UInt8](repeating: 65, count: 5000)
        #expect(unsafe write(file, text, text.count) == text.count)
        close(file)
        let error = #expect(throws: SystemError.self) { try JournalFiles(reading: path) }
        #expect(error?.message.contains("expected a journal") == true)
    }

    private static func content(_ path: String) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY)
        defer { close(file) }
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(file, &bytes, bytes.count)
            guard count > 0 else { return all }
            all += bytes[..<count]
        }
    }

    private static func copy(_ from: String, _ to: String) {
        let source = unsafe open(from, O_RDONLY)
        let target = unsafe open(to, O_WRONLY | O_CREAT, 0o600)
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe read(source, &bytes, bytes.count)
            guard count > 0 else { break }
            _ = unsafe write(target, bytes, count)
        }
        close(source)
        close(target)
    }
}
