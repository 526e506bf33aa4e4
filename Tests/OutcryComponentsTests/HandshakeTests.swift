import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@Suite struct HandshakeTests {
    /// What the link says of a venue that greets like this.
    func reason(_ welcome: FakeExchange.Welcome, within seconds: Int = 20) throws -> String {
        let floor = try Floor()
        floor.exchange.welcome = welcome
        floor.run(within: seconds) { floor.witness.count("disconnected") == 1 }
        #expect(floor.witness.count("connected") == 0)
        let line = floor.witness.events.first { $0.hasPrefix("disconnected") } ?? "none"
        // And it recovers when the venue does.
        floor.exchange.welcome = .accept
        floor.run(within: 60) { floor.isTrue }
        return line
    }

    @Test func refusedWithABody() throws {
        let line = try reason(.refuse(403, "bad origin", untilClose: false))
        #expect(line.contains("found 403 Forbidden: bad origin"), "\(line)")
    }

    @Test func refusedWithABodyThatEndsWithTheConnection() throws {
        let line = try reason(.refuse(403, "banned for an hour", untilClose: true))
        #expect(line.contains("found 403 Forbidden: banned for an hour"), "\(line)")
    }

    @Test func refusedAndThenSilent() throws {
        let line = try reason(.raw("HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\nlater"))
        #expect(line.contains("found 503 Busy: later"), "\(line)")
    }

    @Test func garbage() throws {
        let line = try reason(.raw("SSH-2.0-OpenSSH_9.2\r\n"))
        #expect(line.contains("handshake: the answer is not HTTP"), "\(line)")
        #expect(line.contains("expected HTTP/1.1"), "\(line)")
    }

    @Test func wrongAccept() throws {
        let line = try reason(
            .raw(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                    + "Connection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n"
            ))
        #expect(line.contains("expected Sec-WebSocket-Accept"), "\(line)")
    }

    @Test func theDeadlineOfTheHandshake() throws {
        let floor = try Floor()
        floor.exchange.welcome = .silent
        floor.run(within: 11) { floor.witness.count("disconnected") == 1 }
        let line = floor.witness.lines[0]
        #expect(line.hasPrefix("10000 disconnected: no handshake within 10"), "\(line)")
        // The deadline of the next try is its own.
        floor.run(within: 30) { floor.witness.count("disconnected") == 2 }
        let times = floor.witness.lines.compactMap { Int($0.prefix { $0 != " " }) }
        #expect(times[1] - times[0] > 10_000 && times[1] - times[0] < 10_600)
        // Once up, no deadline is left to fire.
        floor.exchange.welcome = .accept
        floor.run(within: 30) { floor.isTrue }
        floor.advance(60_000)
        #expect(floor.witness.count("disconnected") == 2)
        #expect(floor.witness.count("connected") == 1)
    }

    @Test func nobodyAnswersTheTry() throws {
        let floor = try Floor()
        floor.world.faults.isHalfOpen = true
        floor.run(within: 11) { floor.witness.count("disconnected") == 1 }
        let line = floor.witness.lines[0]
        #expect(line.contains("no connection within 10"), "\(line)")
    }

    @Test func staleNewsDoNotStopADial() throws {
        let floor = try Floor()
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.welcome = .silent
        floor.exchange.close(.goingAway)
        floor.run(within: 5) { floor.exchange.connects.count == 3 }
        floor.kernel.post(.connectionStale, to: floor.link.connection, .seconds(99))
        floor.advance(1000)
        #expect(floor.exchange.connects.count == 3)
        #expect(floor.witness.count("disconnected") == 1)
    }
}
