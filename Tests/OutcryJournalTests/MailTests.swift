import Dispatch
import OutcryJournal
import OutcryKernel
import OutcryReactor
import OutcrySimulation
import Testing

/// Letters of other threads, and work on them.
@Suite(.serialized) struct MailTests {
    final class Reader: Session {
        private(set) var got: [String] = []
        let most: Int
        init(most: Int) { self.most = most }

        static func handlers(_ on: inout Handlers<Reader>) {
            on(.mailText) { me, text, my in
                me.got.append(text)
                if me.got.count == me.most { my.kernel.stop() }
            }
            on(.mailDone) { me, text, my in
                me.got.append(text)
                if me.got.count == me.most { my.kernel.stop() }
            }
            on(.mailNever) { _, _, _ in }
        }
    }

    private static let codec = MailCodec<String>(
        encode: { Array($0.utf8) }, decode: { String(decoding: $0, as: UTF8.self) })

    private func letters(
        _ driver: any Driver, _ codec: MailCodec<String>?, sends: Bool
    ) throws -> [String] {
        let kernel = Kernel(driver: driver)
        kernel.logLevel = .error
        let reader = Reader(most: 50)
        kernel.start(reader, alias: "reader")
        kernel.post(.mailNever, to: "reader", ())
        let mailbox = kernel.mailbox(.mailText, to: "reader", recordedBy: codec)
        let lease = KeepAlive()
        kernel.start(lease)
        if sends {
            DispatchQueue.global().async { for i in 0..<50 { mailbox.send("letter \(i)") } }
        }
        try kernel.run()
        return reader.got
    }

    @Test func lettersWithACodecComeAgain() throws {
        let journal = JournalMemory()
        let got = try letters(
            Recorder(try Reactor(MailTests.options), into: journal), Self.codec, sends: true)
        #expect(got.count == 50)
        // The other thread of the replay may send or not: nobody listens to it.
        for sends in [false, true] {
            let replay = Replay(journal)
            #expect(try letters(replay, Self.codec, sends: sends) == got)
            #expect(replay.end == .identical)
        }
    }

    @Test func lettersWithoutOneStopTheReplay() throws {
        let journal = JournalMemory()
        _ = try letters(Recorder(try Reactor(Self.options), into: journal), nil, sends: true)
        let replay = Replay(journal)
        #expect(try letters(replay, nil, sends: false) == [])
        guard case .unreadable(let why) = replay.end else {
            Issue.record("expected an end, found \(String(describing: replay.end))")
            return
        }
        #expect(why.contains("\"mail.text\" came from another thread"), "\(why)")
    }

    /// Works that end in another order than they began come in that order again.
    @Test func workElsewhere() throws {
        func run(_ driver: any Driver) throws -> [String] {
            let kernel = Kernel(driver: driver)
            let reader = Reader(most: 20)
            let worker = Worker()
            kernel.start(reader, alias: "reader")
            kernel.start(worker, alias: "worker")
            try kernel.run()
            return reader.got
        }
        let journal = JournalMemory()
        let got = try run(Recorder(try Reactor(Self.options), into: journal))
        #expect(got.count == 20)
        let replay = Replay(journal)
        #expect(try run(replay) == got)
        #expect(replay.end == .identical)
    }

    /// A workflow that waits for another thread goes on at the same place again.
    @Test func workflowsThatWaitForOthers() throws {
        func run(_ driver: any Driver) throws -> [String] {
            let kernel = Kernel(driver: driver)
            let reader = Reader(most: 10)
            kernel.start(reader, alias: "reader")
            kernel.start(Waiter(), alias: "waiter")
            try kernel.run()
            return reader.got
        }
        let journal = JournalMemory()
        let got = try run(Recorder(try Reactor(Self.options), into: journal))
        #expect(got == (0..<10).map { "went on \($0)" })
        let replay = Replay(journal)
        #expect(try run(replay) == got)
        #expect(replay.end == .identical)
    }

    static var options: ReactorOptions {
        var options = ReactorOptions()
        options.takesSignals = false
        return options
    }
}

/// Keeps the kernel running.
final class KeepAlive: Session {
    var lease: Lease?
    static func handlers(_ on: inout Handlers<KeepAlive>) {
        on(.started) { me, _, my in me.lease = my.lease("a test") }
    }
}

/// Has work done elsewhere.
final class Worker: Session {
    static func handlers(_ on: inout Handlers<Worker>) {
        on(.started) { _, _, my in
            for i in 0..<20 {
                my.offload(
                    { String(repeating: "x", count: (20 - i) * 500).hashable(i) }, then: .workDone)
            }
        }
        on(.workDone) { _, text, my in my.post(.mailDone, to: "reader", text) }
    }
}

extension String {
    /// Takes longer for longer texts.
    fileprivate func hashable(_ number: Int) -> String {
        var sum = number
        for byte in utf8 { sum = (sum &* 31 &+ Int(byte)) % 1009 }
        return "\(number): \(sum)"
    }
}

/// Somebody on another thread.
actor Elsewhere {
    func number(_ i: Int) -> Int { i }
}

/// Waits for somebody on another thread.
final class Waiter: Session {
    static func handlers(_ on: inout Handlers<Waiter>) {
        on(.started) { _, _, my in
            my.task { my in
                let elsewhere = Elsewhere()
                for i in 0..<10 {
                    let number = await elsewhere.number(i)
                    my.post(.mailDone, to: "reader", "went on \(number)")
                }
            }
        }
    }
}

extension Event where Payload == String {
    static let mailText = Self("mail.text")
    static let mailDone = Self("mail.done")
    static let workDone = Self("work.done")
}

extension Event where Payload == Void {
    static let mailNever = Self("mail.never")
}
