import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@testable import OutcrySafetyNet

@Suite struct FanOutTests {
    /// One group a framing, whoever comes in between; compressed once.
    @Test func everybodyHearsTheSame() throws {
        let hall = FanOutHall(rules: ServerRules(compression: .shared), window: 1 << 18)
        let peers = [
            try hall.webSocket(), try hall.webSocket(.shared), try hall.socketIO(),
            try hall.webSocket(), try hall.webSocket(DeflateOptions()), try hall.socketIO(),
            try hall.webSocket(.shared),
        ]
        #expect(hall.host.all.count == peers.count)
        #expect(hall.host.fan.groupCount == 3)
        for _ in 0..<20 { hall.say(17) }
        for peer in peers {
            try peer.hearAll()
            #expect(peer.levels == hall.levels)
            #expect(peer.sums == hall.levels)
            #expect(peer.trades == Array(1...hall.trades))
        }
        #expect(hall.host.fan.counters.messages == 340)
        #expect(hall.host.fan.counters.deliveries == 340 * peers.count)
        #expect(hall.host.fan.counters.slowed == 0)
        // Groups are gone with the last who was in them.
        for peer in peers { peer.peer.close() }
        hall.world.advance(by: .seconds(120))
        #expect(hall.host.fan.groupCount == 0)
        #expect(!hall.host.fan.hasListeners(FanOutHost.channels[0]))
    }

    /// A session that goes on by polls leaves its group, and by a WebSocket again it finds one.
    @Test func whoIsCarriedOtherwiseLeavesNoGroup() throws {
        let hall = FanOutHall()
        let name = try hall.session()
        let first = try hall.socketIO(name)
        hall.say(5)
        try first.hearAll()
        #expect(hall.host.fan.groupCount == 1)
        let poll = hall.world.connect(to: .loopback(port: 80))
        poll.send("GET /socket.io/1/xhr-polling/\(name) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        hall.world.advance(by: .milliseconds(5))
        #expect(hall.host.fan.groupCount == 0)
        hall.say(5)
        // Who speaks in the hall is not the host, who has polls to answer.
        hall.kernel.post(.socketIOFlush, to: "host", ())
        hall.world.advance(by: .milliseconds(5))
        #expect(poll.text.contains("4::/mtgox:"))
        #expect(first.peer.hasEnded)
        let again = try hall.socketIO(name)
        // It gets its seat with the next tick.
        hall.world.advance(by: .seconds(2))
        hall.say(5)
        try again.hearAll()
        #expect(again.messages > 5 && hall.host.fan.groupCount == 1)
    }

    private static var narrow: FanOutLimits {
        var limits = FanOutLimits()
        limits.highWater = 8 << 10
        limits.lowWater = 1 << 10
        return limits
    }

    /// Some do not read for a while: they end with the same book and all trades, by fewer messages.
    @Test func slowClientsEndWithTheSameBook() throws {
        let hall = FanOutHall(Self.narrow)
        let slow = [try hall.webSocket(), try hall.socketIO()]
        let fast = [try hall.webSocket(), try hall.socketIO()]
        for round in 0..<60 {
            for peer in slow { peer.peer.isReading = round % 20 >= 15 }
            hall.say(20)
            for peer in fast { try peer.hear() }
            for peer in slow { try peer.hear() }
            hall.world.advance(by: .milliseconds(50))
        }
        for peer in slow + fast {
            peer.peer.isReading = true
            try peer.hearAll()
            #expect(peer.levels == hall.levels)
            #expect(peer.sums == hall.levels)
            #expect(peer.trades == Array(1...hall.trades))
        }
        for peer in fast { #expect(peer.messages >= 1_200) }
        for peer in slow { #expect(peer.messages < 900) }
        let counters = hall.host.fan.counters
        #expect(counters.slowed >= 4)
        #expect(counters.caughtUp == counters.slowed)
        #expect(counters.conflated > 500)
        #expect(hall.host.fan.slowClients == 0)
        #expect(hall.host.cuts == [])
    }

    /// What the stopped ones cost is bounded, and they are told why they were cut off if they look.
    @Test func stoppedClientsAreCutOff() throws {
        let hall = FanOutHall(Self.narrow)
        let dead = [try hall.webSocket(), try hall.socketIO()]
        let alive = try hall.webSocket()
        for peer in dead { peer.peer.isReading = false }
        var seconds = 0
        while hall.host.cuts.count < 2, seconds < 60 {
            seconds += 1
            hall.say(12)
            for _ in 0..<10 { hall.world.advance(by: .milliseconds(100)) }
            try alive.hear()
            for client in hall.host.all {
                #expect(client.stream?.unwritten ?? 0 <= 2 * Self.narrow.highWater)
            }
        }
        // The time to become slow, the patience, and a tick.
        #expect(seconds < 40)
        #expect(hall.host.cuts.count == 2)
        #expect(hall.host.cuts.allSatisfy { $0.hasPrefix("too slow for 3") })
        #expect(hall.host.fan.counters.cutForTime == 2)
        #expect(hall.host.fan.slowClients == 0)
        #expect(alive.trades == Array(1...hall.trades))
        for peer in dead {
            peer.peer.isReading = true
            hall.world.advance(by: .seconds(1))
            try peer.hear()
        }
        #expect(dead[0].closes.map { $0.prefix(18) } == ["1008 too slow for "])
        #expect(dead[1].packets.last == "0::")
        hall.world.advance(by: .seconds(60))
        #expect(hall.host.connections.count == 1)
    }

    @Test func tooManyTradesEndAClient() throws {
        var limits = Self.narrow
        limits.trades = 50
        let hall = FanOutHall(limits)
        let dead = try hall.webSocket()
        let alive = try hall.webSocket()
        dead.peer.isReading = false
        for _ in 0..<60 {
            hall.say(10)
            try alive.hear()
        }
        try alive.hearAll()
        #expect(hall.host.cuts == ["too slow: 51 trades wait"])
        #expect(alive.trades == Array(1...hall.trades))
        dead.peer.isReading = true
        try dead.hearAll()
        #expect(dead.closes == ["1008 too slow: 51 trades wait"])
        // All that came before the goodbye was in order.
        #expect(dead.trades == Array(1...dead.trades.count))
    }
}
