import OutcryComponents
import OutcryKernel
import OutcryMarket
import OutcrySimulation
import OutcryWire
import Testing

/// A whole link by Socket.IO: what a bot sees is what it sees by a plain WebSocket.
@Suite struct SocketIOLinkTests {
    @Test(arguments: [.websocket, .xhrPolling] as [SocketIOTransport])
    func connectsSubscribesAndKeepsTheBook(transport: SocketIOTransport) throws {
        let floor = try SocketFloor(transports: [transport])
        for i in 0..<5 { floor.change(.bid, 100 + Int64(i), 1) }
        floor.run(within: 5) { floor.isTrue }
        #expect(floor.witness.events == ["connected 1", "subscribed depth.BTCUSD", "book good"])
        floor.change(.ask, 112, 7)
        floor.change(.bid, 104, 0)
        floor.advance(100)
        #expect(floor.isTrue)
        #expect(floor.witness.wrong == [])
        #expect(floor.exchange.said == ["sub depth.BTCUSD"])
        #expect(floor.exchange.requests[0] == "GET /socket.io/1/")
        #expect(floor.exchange.requests[1].hasPrefix("GET /socket.io/1/\(transport.rawValue)/"))
    }

    /// The answer to the handshake comes in chunks, and what follows goes over the same connection.
    @Test(arguments: [.websocket, .xhrPolling] as [SocketIOTransport])
    func handshakeAndTransportShareAConnection(transport: SocketIOTransport) throws {
        let floor = try SocketFloor(transports: [transport])
        floor.run(within: 5) { floor.isTrue }
        let way = "/\(transport.rawValue)/"
        let first = try #require(floor.exchange.requests.firstIndex { $0.contains(way) })
        #expect(floor.exchange.requests[0] == "GET /socket.io/1/")
        #expect(floor.exchange.streams[first] == floor.exchange.streams[0])
    }

    /// A quiet market is no dead stream: heartbeats, and polls that end empty, count.
    @Test(arguments: [.websocket, .xhrPolling] as [SocketIOTransport])
    func aQuietMarketLives(transport: SocketIOTransport) throws {
        let floor = try SocketFloor(transports: [transport])
        floor.run(within: 5) { floor.isTrue }
        floor.advance(600_000)
        #expect(floor.witness.count("disconnected") == 0, "\(floor.witness.events)")
        #expect(floor.exchange.said == ["sub depth.BTCUSD"])
        floor.change(.bid, 100, 1)
        floor.advance(100)
        #expect(floor.isTrue)
    }

    @Test func whereNoWebSocketGetsThroughItPolls() throws {
        let floor = try SocketFloor()
        floor.exchange.refusesWebSockets = true
        floor.run(within: 5) { floor.isTrue }
        let events = floor.witness.events
        #expect(events[0].hasPrefix("disconnected: websocket failed: "), "\(events)")
        #expect(events.contains("connected 1"))
        #expect(floor.exchange.requests.contains { $0.hasPrefix("POST /socket.io/1/xhr-polling/") })
        // Later the way may be free.
        floor.exchange.refusesWebSockets = false
        floor.server.post(.fakeDismissal, to: "exchange", ())
        floor.run(within: 10) { floor.isTrue && floor.witness.count("connected 2") == 1 }
        #expect(floor.exchange.requests.last { $0.contains("websocket") } != nil)
    }

    @Test(arguments: [.websocket, .xhrPolling] as [SocketIOTransport])
    func endedByTheServer(transport: SocketIOTransport) throws {
        let floor = try SocketFloor(transports: [transport])
        floor.run(within: 5) { floor.isTrue }
        floor.server.post(.fakeDismissal, to: "exchange", ())
        floor.change(.bid, 100, 3)
        floor.run(within: 10) { floor.isTrue && floor.witness.count("connected 2") == 1 }
        #expect(floor.witness.events.contains("disconnected: ended by the server"))
    }

    @Test func aRefusedHandshakeIsTriedAgain() throws {
        let floor = try SocketFloor()
        floor.exchange.server.authorize = { _ in .unauthorized }
        floor.run(within: 10) { floor.witness.count("disconnected") >= 3 }
        #expect(
            floor.witness.events[0]
                == "disconnected: handshake refused: 403 handshake unauthorized")
        floor.exchange.server.authorize = nil
        floor.run(within: 60) { floor.isTrue }
    }

    @Test func theQueryGoesWithEveryRequest() throws {
        let floor = try SocketFloor(transports: [.xhrPolling])
        var queries: Set<String> = []
        floor.exchange.server.authorize = { head in
            queries.insert(head.query.map(String.init) ?? "-")
            return .granted
        }
        floor.run(within: 5) { floor.isTrue }
        #expect(queries == ["Channel=x"])
        #expect(floor.exchange.joined.map(\.query) == [[HTTPQueryItem("Channel", "x")]])
    }

    @Test(arguments: [.websocket, .xhrPolling] as [SocketIOTransport])
    func aCrashIsSurvived(transport: SocketIOTransport) throws {
        let floor = try SocketFloor(transports: [transport])
        floor.change(.bid, 100, 1)
        floor.run(within: 5) { floor.isTrue }
        floor.restartExchange(after: .seconds(3))
        floor.change(.bid, 101, 4)
        floor.change(.bid, 100, 0)
        floor.run(within: 60) { floor.isTrue }
        #expect(floor.witness.count("disconnected") >= 1)
        #expect(floor.witness.wrong == [])
        #expect(floor.exchange.said == ["sub depth.BTCUSD"], "asked for again")
    }

    /// A server that says nothing any more, whose connection stays.
    @Test(arguments: [.websocket, .xhrPolling] as [SocketIOTransport])
    func aHalfOpenPeerIsFoundAndLeft(transport: SocketIOTransport) throws {
        let floor = try SocketFloor(transports: [transport])
        floor.run(within: 5) { floor.isTrue }
        floor.world.faults.isHalfOpen = true
        floor.run(within: 70) { floor.witness.count("disconnected") == 1 }
        floor.world.faults.isHalfOpen = false
        floor.run(within: 120) { floor.isTrue && floor.witness.count("connected 2") == 1 }
    }

    /// Polls are not answered any more, but POSTs are, as they are for any session: that is no life.
    @Test func aSessionOfWhichOnlyThePostsAreAnsweredIsLeft() throws {
        let floor = try SocketFloor(transports: [.xhrPolling])
        floor.run(within: 5) { floor.isTrue }
        floor.exchange.answersPolls = false
        floor.run(within: 90) { floor.witness.count("disconnected") == 1 }
        floor.exchange.answersPolls = true
        floor.run(within: 120) { floor.isTrue && floor.witness.count("connected 2") == 1 }
    }

    @Test(arguments: [.websocket, .xhrPolling] as [SocketIOTransport])
    func stopSaysGoodbye(transport: SocketIOTransport) throws {
        let floor = try SocketFloor(transports: [transport])
        floor.run(within: 5) { floor.isTrue }
        floor.kernel.stop()
        floor.advance(100)
        #expect(floor.exchange.ends == ["the client left"])
        #expect(floor.exchange.server.count == 0)
    }

    /// A market that moves while everything that may happen to a connection happens.
    @Test(
        arguments: 1...6 as ClosedRange<UInt64>, [.websocket, .xhrPolling] as [SocketIOTransport])
    func storms(seed: UInt64, transport: SocketIOTransport) throws {
        var venue = FakeVenue(rules: VenueRules(silence: .seconds(30)))
        venue.rules.reconnect = Backoff(
            first: .milliseconds(100), most: .seconds(1), floor: .milliseconds(50), limit: 1000)
        venue.rules.snapshots = 10_000
        let floor = try SocketFloor(seed: seed, transports: [transport], venue)
        floor.world.faults = .rough()
        floor.world.faults.resetsOneIn = 1500
        floor.world.faults.refusesOneIn = 5
        var random = SeededGenerator(seed: seed)
        for _ in 0..<1500 {
            let (side, price, quantity) = floor.market.randomChange(&random)
            floor.change(side, price, quantity)
            floor.advance(Int.random(in: 0...60, using: &random))
        }
        floor.world.faults = NetworkFaults()
        floor.run(within: 120) { floor.isTrue }
        floor.change(.bid, 100, 9)
        floor.advance(100)
        #expect(floor.isTrue, "seed \(seed)")
        #expect(floor.witness.wrong == [], "seed \(seed)")
        #expect(floor.witness.count("disconnected") >= 1, "seed \(seed)")
        #expect(floor.witness.count("malformed") == 0, "seed \(seed)")
        #expect(!floor.exchange.said.contains { !$0.hasPrefix("sub") }, "seed \(seed)")
        floor.advance(130_000)
        #expect(floor.exchange.server.count == 1, "seed \(seed): who is gone is forgotten")
    }
}
