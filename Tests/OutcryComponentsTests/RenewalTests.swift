import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcryComponents

/// Make before break, and the limits of tries.
@Suite struct RenewalTests {
    @Test(arguments: [false, true])
    func anotherConnectionTakesThePlaceWithoutADisconnect(_ secret: Bool) throws {
        let floor = try Floor(secret: secret)
        floor.exchange.change(.bid, 100, 1)
        floor.run(within: 5) { floor.isTrue }
        floor.advance(200)
        floor.kernel.post(.renewConnection, to: floor.link.connection, ())
        floor.run(within: 5) { floor.witness.count("connected 2") == 1 }
        floor.exchange.change(.bid, 101, 2)
        floor.run(within: 10) { floor.isTrue && floor.witness.count("book good") == 2 }
        #expect(floor.witness.count("disconnected") == 0)
        #expect(floor.witness.count("subscribed depth.BTCUSD") == 2)
        #expect(floor.witness.wrong == [])
        floor.advance(30_000)
        let reasons = floor.kernel.snapshot().sessions.first { $0.alias == floor.link.name }?
            .whyAlive
        #expect(
            reasons?.count { $0.contains("stream") } == 1, "the old one is closed: \(reasons ?? [])"
        )
    }

    @Test(arguments: [.websocket, .xhrPolling] as [SocketIOTransport])
    func anotherSessionToo(_ transport: SocketIOTransport) throws {
        let floor = try SocketFloor(transports: [transport])
        floor.run(within: 5) { floor.isTrue }
        floor.advance(200)
        floor.kernel.post(.renewConnection, to: floor.link.connection, ())
        floor.run(within: 5) { floor.witness.count("connected 2") == 1 }
        floor.change(.bid, 101, 2)
        floor.run(within: 10) { floor.isTrue && floor.witness.count("book good") == 2 }
        #expect(floor.witness.count("disconnected") == 0)
        #expect(floor.witness.wrong == [])
    }

    /// The old one is lost while the new one is in the making: that is the next try, and not one more.
    @Test func theOldOneIsLostMeanwhile() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let floor = try Floor(seed: seed)
            floor.exchange.change(.bid, 100, 1)
            floor.run(within: 5) { floor.isTrue }
            floor.advance(200)
            floor.kernel.post(.renewConnection, to: floor.link.connection, ())
            if seed % 2 == 0 { floor.advance(Int(seed)) }
            floor.restartExchange(after: .milliseconds(Int64(seed) * 40))
            floor.exchange.change(.ask, 110, 3)
            floor.run(within: 60) { floor.isTrue }
            floor.advance(60_000)
            #expect(floor.isTrue, "seed \(seed)")
            #expect(floor.witness.wrong == [], "seed \(seed)")
        }
    }

    /// Nobody can have connections made as fast as they like.
    @Test func renewalsAreTriesLikeOthers() throws {
        var venue = FakeVenue()
        venue.rules.reconnect = Backoff(
            first: .milliseconds(200), most: .seconds(1), floor: .milliseconds(100), limit: 5)
        let floor = try Floor(venue)
        floor.run(within: 5) { floor.isTrue }
        for _ in 0..<200 {
            floor.kernel.post(.renewConnection, to: floor.link.connection, ())
            floor.advance(200)
        }
        #expect(floor.witness.count("connected") == 5, "five in a minute, the first included")
        #expect(floor.witness.count("disconnected") == 0)
    }

    @Test func aLateConnectionIsRenewedBeforeItIsGivenUp() {
        var machine = HeartbeatMachine(silence: .seconds(60))
        let reading = PulseReading(isUp: true, answersPings: true, ups: 1, total: 7, channels: [])
        var findings: [(Int, HeartbeatMachine.Finding)] = []
        for second in stride(from: 0, through: 60, by: 5) {
            let now = KernelTime.zero + .seconds(Int64(second))
            for finding in machine.look(reading, at: now) where finding != .ping {
                findings.append((second, finding))
            }
        }
        #expect(findings.map(\.0) == [30, 60])
        #expect(findings.first?.1 == .late(silent: .seconds(30)))
        #expect(findings.last?.1 == .connection(silent: .seconds(60)))
    }
}
