import OutcryKernel
import Testing

@testable import OutcryReactor

extension ReactorTests {
    /// One put goes to a plain stream, a secret one, one whose client does not read, and one whose client goes
    /// in the middle of it: all who stay get all of it in order, and the end of the one is told once.
    @Test func aGroupTellsEverybody() throws {
        let house = try House()
        let bench = try Bench()
        let size = 50_000
        let rounds = 60
        var group: StreamGroup?
        var ends: [String] = []
        var heard: [Int] = [0, 0, 0, 0]
        var wrong = 0
        var told = 0
        bench.server.started = { my in
            group = my.makeGroup()
            var options = StreamOptions()
            options.systemBuffer = 16 << 10
            for tls in [nil, house.server] {
                bench.server.listeners.append(
                    try my.listen(on: .loopback(port: 0), tls: tls, options: options))
            }
        }
        bench.client.started = { my in
            let plain = Endpoint.address(bench.server.listeners[0].address)
            let secret = Endpoint.address(bench.server.listeners[1].address)
            bench.client.streams = [
                my.connect(to: plain), my.connect(to: secret, tls: house.client),
                my.connect(to: plain),
                my.connect(to: plain),
            ]
        }
        bench.client.opened = { stream, _ in
            if stream === bench.client.streams[2] { stream.pauseReading() }
        }
        bench.server.accepted = { stream, my in
            group?.add(stream)
            if group?.count == 4 { my.after(.milliseconds(1), .probeAlarm) }
        }
        bench.server.closed = { closed, my in ends.append("\(closed.reason)") }
        bench.server.alarm = { my in
            guard told < rounds else { return bench.client.streams[2].resumeReading() }
            let bytes = [UInt8](repeating: UInt8(told), count: size)
            told += 1
            group?.put(bytes.span)
            if told == rounds / 2 { bench.client.streams[3].abort() }
            my.after(.milliseconds(1), .probeAlarm)
        }
        bench.client.received = { stream, my in
            guard let place = bench.client.streams.firstIndex(where: { $0 === stream }) else {
                return
            }
            for byte in stream.take() {
                if Int(byte) != heard[place] / size { wrong += 1 }
                heard[place] += 1
            }
            if heard[..<3].allSatisfy({ $0 == size * rounds }) { my.kernel.stop() }
        }
        try bench.run()
        #expect(heard[..<3] == [size * rounds, size * rounds, size * rounds])
        #expect(wrong == 0)
        #expect(ends.count == 1, "\(ends)")
        #expect(heard[3] < size * rounds)
    }
}
