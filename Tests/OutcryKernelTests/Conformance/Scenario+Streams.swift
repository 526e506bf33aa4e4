import OutcryBytes
import OutcryKernel

extension StreamWheel {
    func put(text: String) { put(text.utf8.span) }

    /// Takes everything that is unread.
    func takeText() -> String {
        let text = inbound.withUnread { bytes in
            String(decoding: (0..<bytes.count).map { bytes[$0] }, as: UTF8.self)
        }
        inbound.removeAll()
        return text
    }
}

/// One end of a stream, whose every event is given to closures.
final class End: Session {
    var started: ((End, Context) throws -> Void)?
    var opened: ((StreamWheel, Context) -> Void)?
    var received: ((StreamWheel, Context) -> Void)?
    var ended: ((StreamWheel, Context) -> Void)?
    var closed: ((StreamClosed, Context) -> Void)?
    var pressure: ((StreamPressure, Context) -> Void)?
    var accepted: ((StreamWheel, Context) -> Void)?
    var beat: ((Context) -> Void)?
    var listener: ListenerWheel?
    var options = StreamOptions()

    static func handlers(_ on: inout Handlers<End>) {
        on(.started) { me, _, my in try me.started?(me, my) }
        on(.streamOpened) { me, stream, my in me.opened?(stream, my) }
        on(.streamReceived) { me, stream, my in me.received?(stream, my) }
        on(.streamEnded) { me, stream, my in
            if let ended = me.ended { ended(stream, my) } else { stream.close() }
        }
        on(.streamClosed) { me, closed, my in me.closed?(closed, my) }
        on(.streamPressure) { me, pressure, my in me.pressure?(pressure, my) }
        on(.streamAccepted) { me, accepted, my in me.accepted?(accepted.stream, my) }
        on(.beat) { me, _, my in me.beat?(my) }
    }
}

extension Scenario {
    /// A server that listens, and a client that connects to it.
    private static func pair(_ kernel: Kernel, _ server: End, _ client: End) {
        server.started = { me, my in
            me.listener = try my.listen(on: .loopback(port: 0), options: me.options)
        }
        kernel.start(server, alias: "server")
        client.started = { me, my in
            guard let listener = server.listener else { return }
            _ = my.connect(to: .address(listener.address), options: me.options)
        }
        kernel.start(client, alias: "client")
    }

    static let streams = [
        Scenario(
            "connect, accept, bytes both ways, half-close, end",
            [
                "client opened", "server got hello", "server sees the end", "client got HELLO",
                "client sees the end", "server closed", "client closed",
            ]
        ) { kernel, log in
            let server = End()
            let client = End()
            var heard = ""
            var answer = ""
            var ends = 0
            client.opened = { stream, _ in
                log.note("client opened")
                stream.put(text: "hello")
                stream.endWriting()
            }
            server.received = { stream, _ in heard += stream.takeText() }
            server.ended = { stream, _ in
                log.note("server got \(heard)")
                log.note("server sees the end")
                stream.put(text: heard.uppercased())
                stream.endWriting()
            }
            client.received = { stream, _ in answer += stream.takeText() }
            client.ended = { stream, my in
                log.note("client got \(answer)")
                log.note("client sees the end")
                my.post(.beat, to: "server")
                stream.close()
            }
            var served: StreamWheel?
            server.accepted = { stream, _ in served = stream }
            server.beat = { _ in served?.close() }
            var lines: [String] = []
            server.closed = { _, my in
                ends += 1
                lines.append("server closed")
                if ends == 2 { my.kernel.stop() }
            }
            client.closed = { _, my in
                ends += 1
                lines.append("client closed")
                if ends == 2 { my.kernel.stop() }
            }
            pair(kernel, server, client)
            try kernel.run()
            for line in lines.sorted(by: >) { log.note(line) }
        },
        Scenario(
            "a refused connection", ["connection refused: true"]
        ) { kernel, log in
            let server = End()
            let client = End()
            var address = SocketAddress.loopback(port: 0)
            server.started = { me, my in
                let listener = try my.listen(on: .loopback(port: 0))
                address = listener.address
                listener.close()
            }
            kernel.start(server)
            client.started = { _, my in _ = my.connect(to: .address(address)) }
            client.closed = { closed, _ in
                log.note("connection refused: \("\(closed.reason)".contains("(111)"))")
            }
            kernel.start(client)
            try kernel.run()
        },
        Scenario(
            "put before the connection is there",
            ["false then true", "server got early and late"]
        ) { kernel, log in
            let server = End()
            let client = End()
            var heard = ""
            server.received = { stream, _ in heard += stream.takeText() }
            server.ended = { stream, my in
                log.note("server got \(heard)")
                my.kernel.stop()
            }
            pair(kernel, server, End())
            client.started = { _, my in
                guard let listener = server.listener else { return }
                let stream = my.connect(to: .address(listener.address))
                let before = stream.isOpen
                stream.put(text: "early ")
                stream.put(text: "and late")
                stream.endWriting()
                client.opened = { stream, _ in log.note("\(before) then \(stream.isOpen)") }
            }
            kernel.start(client)
            try kernel.run()
        },
        Scenario(
            "water marks: HIGH, then LOW, in strict pairs; every byte in order",
            ["high low high low", "262144 bytes, 0 wrong", "put says wait: true"]
        ) { kernel, log in
            let server = End()
            let client = End()
            client.options.highWater = 1 << 16
            client.options.lowWater = 1 << 14
            var marks: [String] = []
            var waited = false
            var rounds = 0
            var count = 0
            var wrong = 0
            func fill(_ stream: StreamWheel) {
                rounds += 1
                let start = (rounds - 1) << 17
                let bytes = (0..<(1 << 17)).map { UInt8(truncatingIfNeeded: (start + $0) % 251) }
                if !stream.put(bytes.span) { waited = true }
            }
            client.opened = { stream, _ in fill(stream) }
            client.pressure = { pressure, _ in
                marks.append(pressure.isHigh ? "high" : "low")
                guard !pressure.isHigh else { return }
                if rounds < 2 { fill(pressure.stream) } else { pressure.stream.endWriting() }
            }
            server.received = { stream, _ in
                stream.inbound.withUnread { bytes in
                    for i in bytes.indices {
                        if bytes[i] != UInt8(truncatingIfNeeded: count % 251) { wrong += 1 }
                        count += 1
                    }
                }
                stream.inbound.removeAll()
            }
            server.ended = { _, my in my.kernel.stop() }
            pair(kernel, server, client)
            try kernel.run()
            log.note(marks.joined(separator: " "))
            log.note("\(count) bytes, \(wrong) wrong")
            log.note("put says wait: \(waited)")
        },
        Scenario(
            "another codec takes over in the middle of the buffer",
            ["line UPGRADE", "frame abc", "frame de", "line again"]
        ) { kernel, log in
            let server = End()
            let client = End()
            client.opened = { stream, _ in
                var bytes = Array("UPGRADE\n".utf8)
                bytes += [3] + Array("abc".utf8) + [2] + Array("de".utf8) + [0]
                bytes += Array("again\n".utf8)
                stream.put(bytes.span)
            }
            var isFraming = false
            // One message a call, as codecs give them; both read the same queue.
            func next(_ stream: StreamWheel) -> String? {
                stream.inbound.consume { bytes, position -> String? in
                    if isFraming {
                        guard bytes.count > 0, bytes.count > Int(bytes[0]) else { return nil }
                        let size = Int(bytes[0])
                        position = size + 1
                        if size == 0 {
                            isFraming = false
                            return ""
                        }
                        let frame = (1...size).map { bytes[$0] }
                        return "frame " + String(decoding: frame, as: UTF8.self)
                    }
                    guard let end = bytes.indices.first(where: { bytes[$0] == 10 }) else {
                        return nil
                    }
                    let line = String(decoding: (0..<end).map { bytes[$0] }, as: UTF8.self)
                    position = end + 1
                    if line == "UPGRADE" { isFraming = true }
                    return "line " + line
                }
            }
            server.received = { stream, my in
                // One message a delivery; the rest waits its turn.
                guard let message = next(stream) else { return }
                if !message.isEmpty { log.note(message) }
                if message == "line again" { my.kernel.stop() } else { stream.continueReading() }
            }
            pair(kernel, server, client)
            try kernel.run()
        },
        Scenario(
            "the end comes after the bytes that a handler left for later",
            ["a", "b", "c", "end"]
        ) { kernel, log in
            let server = End()
            let client = End()
            client.opened = { stream, _ in
                stream.put(text: "abc")
                stream.close()
            }
            server.received = { stream, _ in
                guard !stream.inbound.isEmpty else { return }
                let byte = stream.inbound.withUnread { $0[0] }
                stream.inbound.drop(1)
                log.note(String(decoding: [byte], as: UTF8.self))
                if !stream.inbound.isEmpty { stream.continueReading() }
            }
            server.ended = { _, my in
                log.note("end")
                my.kernel.stop()
            }
            pair(kernel, server, client)
            try kernel.run()
        },
        Scenario(
            "a stream given away with unread bytes is read on by its new owner",
            ["new owner got abc", "alive 1"]
        ) { kernel, log in
            let server = End()
            let client = End()
            let new = End()
            var heard = ""
            let newID = kernel.start(new, alias: "new")
            new.received = { stream, my in
                heard += stream.takeText()
                guard heard == "abc" else { return }
                log.note("new owner got \(heard)")
                stream.abort()
                my.kernel.stop(my.kernel.find("client")!)
            }
            client.opened = { stream, _ in stream.put(text: "abc") }
            server.received = { stream, my in
                stream.continueReading()
                stream.give(to: newID)
                my.stop()
            }
            client.ended = { _, _ in }
            pair(kernel, server, client)
            _ = kernel.run { kernel.snapshot().sessions.count == 1 && !heard.isEmpty }
            log.note("alive \(kernel.snapshot().sessions.count)")
            try kernel.run()
        },
        Scenario(
            "nothing is heard of a stream after it was aborted, and the owner is told once",
            ["closed closed", "heard 1"]
        ) { kernel, log in
            let server = End()
            let client = End()
            var heard = 0
            client.opened = { stream, _ in stream.put(text: "abc") }
            client.ended = { _, my in my.kernel.stop() }
            client.closed = { _, my in my.kernel.stop() }
            server.received = { stream, _ in
                heard += 1
                stream.continueReading()
                stream.abort()
                stream.abort()
                stream.put(text: "too late")
            }
            server.closed = { closed, _ in log.note("closed \(closed.reason)") }
            pair(kernel, server, client)
            try kernel.run()
            log.note("heard \(heard)")
        },
        Scenario(
            "what was ready is not told of a stream that was closed meanwhile",
            ["heard 1, closed 1, new streams 1"]
        ) { kernel, log in
            let server = End()
            let client = End()
            var streams: [StreamWheel] = []
            var heard = 0
            var closed = 0
            var new = 0
            var isOver = false
            // Both are readable in one look; the handler of the first closes the other, and its place
            // (on a real system the descriptor) is taken by a new one.
            server.accepted = { stream, my in
                guard streams.count < 2 else { return new += 1 }
                stream.pauseReading()
                streams.append(stream)
                if streams.count == 2 { my.after(.milliseconds(10), .beat) }
            }
            server.beat = { my in
                guard !isOver else { return my.kernel.stop() }
                isOver = true
                for stream in streams { stream.resumeReading() }
                my.after(.milliseconds(10), .beat)
            }
            server.received = { stream, my in
                heard += 1
                streams.first { $0 !== stream }?.abort()
                if let listener = server.listener {
                    _ = my.connect(to: .address(listener.address))
                }
            }
            server.closed = { _, _ in closed += 1 }
            client.opened = { stream, _ in stream.put(text: "x") }
            client.ended = { _, _ in }
            server.started = { me, my in me.listener = try my.listen(on: .loopback(port: 0)) }
            kernel.start(server, alias: "server")
            client.started = { _, my in
                guard let listener = server.listener else { return }
                for _ in 0..<2 { _ = my.connect(to: .address(listener.address)) }
            }
            kernel.start(client, alias: "client")
            try kernel.run()
            log.note("heard \(heard), closed \(closed), new streams \(new)")
        },
        Scenario(
            "a closed stream's time to linger ends with it", ["closed", "early: true"]
        ) { kernel, log in
            let server = End()
            let client = End()
            var lastEvent = KernelTime.zero
            client.options.linger = .seconds(3600)
            client.opened = { stream, my in
                let bytes = [UInt8](repeating: 1, count: 4 << 20)  // more than goes out at once
                stream.put(bytes.span)
                stream.close()
            }
            server.received = { stream, _ in stream.inbound.removeAll() }
            client.closed = { closed, my in
                log.note("\(closed.reason)")
                lastEvent = my.now
                server.listener?.close()
            }
            pair(kernel, server, client)
            try kernel.run()
            log.note("early: \(kernel.now - lastEvent < .seconds(60))")
        },
        Scenario(
            "a listener that fails says so", ["accepted", "failed: accept: Broken (5)", "gone"]
        ) { kernel, log in
            final class Doorman: Session {
                let log: ScenarioLog
                var listener: ListenerWheel?
                init(_ log: ScenarioLog) { self.log = log }
                static func handlers(_ on: inout Handlers<Doorman>) {
                    on(.started) { me, _, my in
                        let listener = try my.listen(on: .loopback(port: 0))
                        me.listener = listener
                        _ = my.connect(to: .address(listener.address))
                    }
                    on(.streamAccepted) { me, _, _ in me.log.note("accepted") }
                    on(.listenerFailed) { me, news, my in
                        me.log.note("failed: \(news.error)")
                        my.stop()
                    }
                }
            }
            var door: TransportID?
            kernel.onInput = { input in
                if case .accepted(let listener, _, _) = input { door = listener }
            }
            let id = kernel.start(Doorman(log))
            _ = kernel.run { door != nil }
            if let door {
                kernel.receive(
                    .failed(door, SystemError(call: "accept", code: 5, message: "Broken")))
            }
            log.note(kernel.isAlive(id) ? "alive" : "gone")
            try kernel.run()
        },
        Scenario(
            "a paused stream is quiet until it is resumed", ["quiet: true", "got abc"]
        ) { kernel, log in
            let server = End()
            let client = End()
            var isPaused = false
            var isQuiet = true
            var heard = ""
            var stream: StreamWheel?
            server.accepted = { new, my in
                new.pauseReading()
                isPaused = true
                stream = new
                my.after(.milliseconds(10), .beat)
            }
            server.beat = { _ in
                log.note("quiet: \(isQuiet)")
                isPaused = false
                stream?.resumeReading()
            }
            server.received = { stream, my in
                if isPaused { isQuiet = false }
                heard += stream.takeText()
                if heard == "abc" {
                    log.note("got \(heard)")
                    my.kernel.stop()
                }
            }
            client.opened = { stream, _ in stream.put(text: "abc") }
            pair(kernel, server, client)
            try kernel.run()
        },
        Scenario(
            "stopped is a session's last event, streams or not", ["stopped"]
        ) { kernel, log in
            final class Holder: Session {
                let log: ScenarioLog
                let endpoint: Endpoint
                init(_ log: ScenarioLog, _ endpoint: Endpoint) {
                    self.log = log
                    self.endpoint = endpoint
                }
                static func handlers(_ on: inout Handlers<Holder>) {
                    on(.started) { me, _, my in
                        _ = my.connect(to: me.endpoint)
                        my.ask(.what, to: "keeper", 1, timeout: .seconds(9), then: .reply)
                    }
                    on(.streamOpened) { _, _, my in my.stop() }
                    on(.stopped) { me, _, _ in me.log.note("stopped") }
                    on(.streamClosed) { me, _, _ in me.log.note("closed after stopped") }
                    on(.reply) { me, _, _ in me.log.note("answer after stopped") }
                }
            }
            let keeper = Oracle()
            keeper.behaviour = "keep"
            kernel.start(keeper, alias: "keeper")
            let server = End()
            server.started = { me, my in me.listener = try my.listen(on: .loopback(port: 0)) }
            let id = kernel.start(server)
            kernel.start(Holder(log, .address(server.listener!.address)), alias: "holder")
            _ = kernel.run { kernel.find("holder") == nil }
            kernel.stop(id)
            try kernel.run()
        },
    ]
}
