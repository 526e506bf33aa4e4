import Glibc
import OutcryKernel
import Testing

@testable import OutcryReactor

extension ReactorTests {
    /// Asks for everything in `steps`, all at once, and says what came of each.
    private func outcomes(
        of count: Int, _ ask: @escaping (Context) -> Void,
        then: @escaping (Int, Context) -> Void = { _, _ in }
    ) throws -> [String] {
        let bench = try Bench()
        var outcomes: [String] = []
        bench.server.started = ask
        bench.server.file = { outcome, my in
            switch outcome.result {
            case .bytes(let bytes): outcomes.append(String(decoding: bytes, as: UTF8.self))
            case .done: outcomes.append("done")
            case .failed(let error): outcomes.append("\(error.call.prefix(8)) \(error.code)")
            case .mark(let first): outcomes.append("\(first)")
            case .addresses: outcomes.append("addresses")
            }
            then(outcomes.count, my)
            if outcomes.count == count { my.kernel.stop() }
        }
        try bench.run()
        return outcomes
    }

    /// A child that is being started has copies of all descriptors for a moment: it keeps no lock.
    @Test func aLockIsGivenBackThoughSomebodyHasACopy() throws {
        let folder = try Folder()
        let path = folder.path + "/lock"
        var lock: LockFile? = try FileWork.lock(path, waits: false)
        let copy = dup(try #require(lock).descriptor.number)
        defer { close(copy) }
        let taken = #expect(throws: SystemError.self) { try FileWork.lock(path, waits: false) }
        #expect(taken?.code == EWOULDBLOCK)
        lock = nil
        #expect(throws: Never.self) { try FileWork.lock(path, waits: false) }
    }

    @Test func appendsKeepTheirOrder() throws {
        let folder = try Folder()
        let path = folder.path + "/log"
        let got = try outcomes(of: 101) { my in
            for i in 0..<100 { my.appendFile(path, Array("\(i),".utf8), then: .probeFile) }
            my.readFile(path, then: .probeFile)
        }
        #expect(got.last == (0..<100).map { "\($0)," }.joined())
        #expect(got.dropLast().allSatisfy { $0 == "done" })
    }

    @Test(arguments: [mode_t(0o600), 0o666])
    func replaceIsAtomicAndKeepsPermissions(_ mode: mode_t) throws {
        let folder = try Folder()
        let path = folder.path + "/secret"
        unsafe close(open(path, O_CREAT | O_WRONLY, 0o600))
        _ = unsafe chmod(path, mode)
        let big = String(repeating: "0123456789", count: 50_000)
        let got = try outcomes(of: 4) { my in
            my.replaceFile(path, Array("one".utf8), then: .probeFile)
            my.readFile(path, then: .probeFile)
            my.replaceFile(path, Array(big.utf8), then: .probeFile)
            my.readFile(path, then: .probeFile)
        }
        #expect(got == ["done", "one", "done", big])
        #expect(folder.names == ["secret"])
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == mode)
    }

    @Test func whatIsNotThereFails() throws {
        let folder = try Folder()
        let got = try outcomes(of: 3) { my in
            my.readFile(folder.path + "/nothing", then: .probeFile)
            my.appendFile(folder.path + "/no/folder", [1], then: .probeFile)
            my.replaceFile(folder.path + "/no/folder", [1], then: .probeFile)
        }
        #expect(got == ["open /tm 2", "open /tm 2", "open /tm 2"])
        #expect(folder.names == [])
    }

    @Test func locks() throws {
        let folder = try Folder()
        let path = folder.path + "/lock"
        let stranger = try Bench()
        var strangers: [String] = []
        // The second is refused; given back, it is to be had again, here and in another reactor.
        var locks: [FileLock] = []
        let got = try outcomes(of: 4) { my in
            locks.append(my.lockFile(path, then: .probeFile))
            locks.append(my.lockFile(path, then: .probeFile))
        } then: { count, my in
            if count == 2 {
                // What was refused has nothing to give back.
                my.unlockFile(locks[1])
                my.unlockFile(locks[0])
                locks.append(my.lockFile(path, then: .probeFile))
            } else if count == 3 {
                stranger.server.started = { my in my.lockFile(path, then: .probeFile) }
                stranger.server.file = { outcome, my in
                    if case .failed(let error) = outcome.result { strangers.append(error.message) }
                    my.kernel.stop()
                }
                try? stranger.run()
                my.unlockFile(locks[2])
                // Given back before it was taken: it is not kept.
                my.unlockFile(my.lockFile(path, then: .probeFile))
            }
        }
        #expect(got.prefix(2).sorted() == ["done", "flock /t 11"])
        #expect(got.suffix(2) == ["done", "flock /t 125"])
        #expect(strangers == ["Resource temporarily unavailable"])
    }

    /// Three reactors, one lock: it goes from one to the next, and who gave up does not get it.
    @Test func locksAreWaitedFor() throws {
        let folder = try Folder()
        let path = folder.path + "/lock"
        let stranger = try Bench()
        let other = try Bench()
        var order: [String] = []
        var lock: FileLock?
        var waits: [FileLock] = []
        let got = try outcomes(of: 1) { my in
            lock = my.lockFile(path, waits: true, then: .probeFile)
        } then: { _, my in
            // The stranger waits on a thread; what it asked for first it takes back.
            stranger.server.started = { my in
                waits.append(my.lockFile(path, waits: true, then: .probeFile))
                waits.append(my.lockFile(path, waits: true, then: .probeFile))
                my.unlockFile(waits[0])
            }
            stranger.server.file = { outcome, my in
                order.append("\(outcome.result)".contains("125") ? "gave up" : "got it")
                // Nor does it want the second one; its thread waits all the same.
                my.unlockFile(waits[1])
                if order.count == 2 { my.kernel.stop() }
            }
            try? stranger.run()
            if let lock { my.unlockFile(lock) }
            other.server.started = { my in my.lockFile(path, waits: true, then: .probeFile) }
            other.server.file = { outcome, my in
                if case .done = outcome.result { order.append("the other got it") }
                my.kernel.stop()
            }
            try? other.run()
        }
        #expect(got == ["done"])
        #expect(order == ["gave up", "gave up", "the other got it"])
    }

    /// Two reactors on one file: no number twice, and the file is for its owner only.
    @Test func numbersAreTakenOnce() throws {
        let folder = try Folder()
        let path = folder.path + "/mark"
        let stranger = try Bench()
        var taken: [UInt64] = []
        stranger.server.started = { my in
            for _ in 0..<50 { my.advanceMark(path, past: 7, by: 3, then: .probeFile) }
        }
        stranger.server.file = { outcome, my in
            if case .mark(let first) = outcome.result { taken += first..<first + 3 }
            if taken.count == 150 { my.kernel.stop() }
        }
        let got = try outcomes(of: 50) { my in
            for _ in 0..<50 { my.advanceMark(path, past: 7, by: 2, then: .probeFile) }
            try? stranger.run()
        }
        for text in got {
            let first = try #require(UInt64(text))
            taken += first..<first + 2
        }
        #expect(taken.sorted() == Array(7..<257))
        var status = stat()
        #expect(unsafe stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(
            try outcomes(of: 1) {
                $0.advanceMark(folder.path + "/no/folder", past: 0, then: .probeFile)
            } == ["open /tm 2"])
    }
}
