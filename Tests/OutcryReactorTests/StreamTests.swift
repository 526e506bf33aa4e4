import OutcryBytes
import OutcryKernel
import OutcryReactor
import Testing

extension ReactorTests {
    /// The byte at `i` of what the tests send.
    static func pattern(_ i: Int) -> UInt8 { UInt8(truncatingIfNeeded: i &* 31 &+ i >> 8) }

    @Test(arguments: [true, false])
    func mebibyteThroughWaterMarks(_ overUnix: Bool) throws {
        let folder = try Folder()
        let bench = try Bench()
        let total = 1 << 20
        var options = StreamOptions()
        options.highWater = 64 << 10
        options.lowWater = 16 << 10
        var sent = 0
        var heard = 0
        var wrong = 0
        var marks: [Bool] = []
        func fill(_ stream: StreamWheel) {
            while sent < total {
                let bytes = (sent..<sent + 4096).map(Self.pattern)
                let goesOn = stream.put(bytes.span)
                sent += 4096
                if !goesOn { return }
            }
            stream.endWriting()
        }
        bench.server.started = { my in
            let address: SocketAddress =
                overUnix ? .unix(folder.path + "/socket") : .loopback(port: 0)
            let listener = try my.listen(on: address)
            bench.client.started = { my in
                _ = my.connect(to: .address(listener.address), options: options)
            }
        }
        bench.client.opened = { stream, _ in fill(stream) }
        bench.client.pressure = { news, _ in
            marks.append(news.isHigh)
            if !news.isHigh { fill(news.stream) }
        }
        // A slow reader: a bite, then a pause.
        bench.server.received = { stream, my in
            for byte in stream.take() {
                if byte != Self.pattern(heard) { wrong += 1 }
                heard += 1
            }
            stream.pauseReading()
            my.after(.milliseconds(1), .probeAlarm)
        }
        bench.server.alarm = { _ in bench.server.streams[0].resumeReading() }
        bench.server.ended = { _, my in my.kernel.stop() }
        try bench.run()
        #expect(heard == total)
        #expect(wrong == 0)
        #expect(marks.count >= 4)
        #expect(marks.enumerated().allSatisfy { $0.element == ($0.offset % 2 == 0) })
        #expect(marks.last == false)
    }

    @Test func halfClose() throws {
        let bench = try Bench()
        var log: [String] = []
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
        }
        bench.client.opened = { stream, _ in
            stream.put("question")
            stream.endWriting()
        }
        bench.server.received = { stream, _ in log.append("server " + stream.takeText()) }
        bench.server.ended = { stream, _ in
            log.append("server end")
            stream.put("answer")
            stream.close()
        }
        bench.client.received = { stream, _ in log.append("client " + stream.takeText()) }
        bench.client.ended = { stream, _ in
            log.append("client end")
            stream.close()
        }
        bench.client.closed = { _, my in my.kernel.stop() }
        try bench.run()
        #expect(log == ["server question", "server end", "client answer", "client end"])
    }

    @Test func bytesInFrontOfAResetAreRead() throws {
        let bench = try Bench()
        let total = 100_000
        var heard = 0
        var reason: StreamEnd?
        var polls: UInt64 = 0
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            let peer = try RawPeer(connectedTo: listener.address.port)
            #expect(peer.send([UInt8](repeating: 7, count: total)) == total)
            peer.reset()
        }
        bench.server.accepted = { stream, my in
            stream.pauseReading()
            my.after(.milliseconds(50), .probeAlarm)
            polls = my.kernel.snapshot().polls
        }
        bench.server.alarm = { my in
            #expect(my.kernel.snapshot().polls - polls <= 4, "a paused, reset stream does not spin")
            bench.server.streams[0].resumeReading()
        }
        bench.server.received = { stream, _ in heard += stream.take().count }
        bench.server.closed = { news, my in
            reason = news.reason
            my.kernel.stop()
        }
        try bench.run()
        #expect(heard == total)
        guard case .failed(let error) = reason else {
            Issue.record("reset, not \(String(describing: reason))")
            return
        }
        #expect(error.description.hasPrefix("recv: Connection reset by peer"))
    }

    @Test func aHalfOpenStreamThatIsResetFails() throws {
        let bench = try Bench()
        var reason: StreamEnd?
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            let peer = try RawPeer(connectedTo: listener.address.port)
            bench.server.ended = { stream, my in
                // Answered with a reset, for the peer has closed both halves.
                stream.put("too late")
            }
            peer.close()
        }
        bench.server.closed = { news, my in
            reason = news.reason
            my.kernel.stop()
        }
        try bench.run()
        guard case .failed = reason else {
            Issue.record("failed, not \(String(describing: reason))")
            return
        }
    }

    @Test func aFullInboundQueuePausesReading() throws {
        let folder = try Folder()
        let bench = try Bench()
        var options = StreamOptions()
        options.inboundLimit = 50_000
        let total = 400_000
        var heard = 0
        var most = 0
        var polls: UInt64 = 0
        bench.server.started = { my in
            let listener = try my.listen(on: .unix(folder.path + "/socket"), options: options)
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
            my.after(.milliseconds(30), .probeAlarm)
        }
        bench.client.opened = { stream, _ in
            let bytes = [UInt8](repeating: 1, count: total)
            stream.put(bytes.span)
        }
        bench.server.received = { stream, my in
            most = max(most, stream.inbound.count)
            polls = my.kernel.snapshot().polls
        }
        // Consumed by an alarm, of which the reactor knows nothing.
        bench.server.alarm = { my in
            if heard == 0 { #expect(my.kernel.snapshot().polls - polls <= 6, "full, not spinning") }
            heard += bench.server.streams[0].take().count
            if heard == total { my.kernel.stop() } else { my.after(.milliseconds(1), .probeAlarm) }
        }
        try bench.run()
        #expect(heard == total)
        #expect(most == 50_000)
    }

    @Test func congestionLeavesStreamsForLater() throws {
        let folder = try Folder()
        let bench = try Bench()
        bench.kernel.budget = 16
        var whileCongested = 0
        var mails = 0
        var mailsAtReceipt = -1
        bench.kernel.onInput = { [unowned kernel = bench.kernel] input in
            if case .received = input, kernel.isCongested { whileCongested += 1 }
        }
        bench.server.started = { my in
            let listener = try my.listen(on: .unix(folder.path + "/socket"))
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
        }
        bench.server.accepted = { _, my in for i in 0..<1000 { my.yield(.probeMail, i) } }
        bench.server.mail = { _, _ in mails += 1 }
        bench.client.opened = { stream, _ in stream.put("x") }
        bench.server.received = { stream, my in
            mailsAtReceipt = mails
            my.kernel.stop()
        }
        try bench.run()
        #expect(whileCongested == 0)
        #expect(mailsAtReceipt >= 1000 - 4 * 16 - 1)
    }
}
