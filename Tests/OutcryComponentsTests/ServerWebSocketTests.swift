import OutcryComponents
import OutcryKernel
import OutcrySimulation
import OutcryWire
import Testing

@Suite struct ServerWebSocketTests {
    // MARK: Goodbyes

    @Test func theClientsGoodbyeIsAnsweredAndTold() throws {
        let house = SocketHouse()
        for (code, answer) in [(.normal, "1000"), (.none, "1005")]
            as [(WebSocketCloseCode, String)]
        {
            let peer = try house.peer()
            try peer.close(code, code == .none ? "" : "enough")
            _ = try peer.hear()
            #expect(peer.closes == [answer])
            #expect(peer.peer.hasEnded)
        }
        #expect(
            house.host.endings == [
                "closed by the client: 1000 enough", "closed by the client: 1005",
            ])
    }

    @Test func aGoodbyeWaitsForItsAnswer() throws {
        let house = SocketHouse(ServerRules(closeTimeout: .seconds(4)))
        let peer = try house.peer()
        house.host.sockets[0].close(.goingAway, "maintenance")
        house.host.sockets[0].close(.normal)
        house.host.sockets[0].send("not behind it".utf8.span)
        // On its way before the client knew: dropped, not echoed.
        try peer.say("one more")
        #expect(try peer.hear(for: .seconds(3)) == [])
        #expect(peer.closes == ["1001 maintenance"])
        #expect(!peer.peer.hasEnded, "the client has its time")
        try peer.close(.goingAway)
        _ = try peer.hear()
        #expect(peer.peer.hasEnded)
        #expect(house.host.endings == ["closed: 1001 maintenance"])
    }

    @Test func aGoodbyeWithoutAnAnswerEndsInTime() throws {
        let house = SocketHouse(ServerRules(closeTimeout: .seconds(4)))
        let peer = try house.peer()
        house.host.sockets[0].close(.internalError)
        // Whatever else it says is no answer.
        for _ in 0..<3 {
            try peer.say("chatter")
            _ = try peer.hear(for: .seconds(1))
        }
        #expect(house.host.sockets.count == 1)
        _ = try peer.hear(for: .seconds(2))
        #expect(peer.closes == ["1011"])
        #expect(house.host.sockets.isEmpty)
        #expect(house.host.endings == ["closed: 1011, not answered for 4.0 seconds"])
    }

    @Test(
        arguments: [
            ([0x81, 0x81, 0, 0, 0, 0, 0xFF], "1007"), ([0x81, 0x01, 0x41], "1002"),
            ([0x83, 0x80, 0, 0, 0, 0], "1002"), ([0xC1, 0x80, 0, 0, 0, 0], "1002"),
            ([0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0], "1009"),
        ] as [([UInt8], String)])
    func brokenFramesAreAnsweredWithTheirCode(bytes: [UInt8], code: String) throws {
        let house = SocketHouse()
        let peer = try house.peer()
        peer.peer.send(bytes)
        _ = try peer.hear()
        #expect(peer.closes.map { $0.prefix(4) } == [code[...]])
        #expect(peer.closes[0].count > 5, "and why, in words")
        #expect(peer.peer.hasEnded)
        // It need not answer; it has the time of those who are refused.
        #expect(house.host.sockets.count == 1)
        _ = try peer.hear(for: .seconds(3))
        #expect(house.host.endings == ["closed: " + peer.closes[0]])
    }

    // MARK: Pings

    private static let pinging = ServerRules(
        pingInterval: .seconds(10), pongTimeout: .seconds(3))

    @Test func aClientThatAnswersPingsStays() throws {
        let house = SocketHouse(Self.pinging)
        let peer = try house.peer()
        _ = try peer.hear(for: .seconds(100))
        #expect(peer.pings >= 4)
        #expect(house.host.endings == [])
    }

    @Test func aClientThatSpeaksIsNotAsked() throws {
        let house = SocketHouse(Self.pinging)
        let peer = try house.peer()
        peer.answersPings = false
        for _ in 0..<20 {
            try peer.say("here")
            #expect(try peer.hear(for: .seconds(5)) == ["here"])
        }
        #expect(peer.pings == 0)
        #expect(house.host.endings == [])
    }

    @Test func aDeadClientIsFound() throws {
        let house = SocketHouse(Self.pinging)
        let peer = try house.peer()
        peer.answersPings = false
        try peer.say("last words")
        _ = try peer.hear(for: .seconds(19))
        #expect(house.host.endings == [])
        _ = try peer.hear(for: .seconds(5))
        #expect(peer.pings == 1)
        #expect(house.host.endings == ["no answer to a ping for 3.0 seconds"])
    }

    @Test func withoutTheRuleNobodyIsAsked() throws {
        let house = SocketHouse()
        let peer = try house.peer()
        _ = try peer.hear(for: .seconds(3600))
        #expect(peer.pings == 0)
        #expect(house.host.sockets.count == 1)
    }

    // MARK: Compression

    @Test func compressionIsGrantedWhereBothWantIt() throws {
        for (rules, options, isGranted) in [
            (nil, nil, false), (nil, DeflateOptions(), false), (.shared, nil, false),
            (.shared, DeflateOptions(), true), (DeflateOptions(), DeflateOptions(), true),
        ] as [(DeflateOptions?, DeflateOptions?, Bool)] {
            let house = SocketHouse(ServerRules(compression: rules))
            let peer = try house.peer(options)
            #expect((peer.agreement != nil) == isGranted)
            #expect(house.host.sockets[0].compression == peer.agreement)
            #expect(peer.agreement?.serverNoContextTakeover ?? true == (rules != DeflateOptions()))
            let texts = (0..<20).map { "message \($0) " + String(repeating: "ü", count: $0 * 50) }
            for text in texts { try peer.say(text) }
            #expect(try peer.hear() == texts)
        }
    }

    @Test func aMessageToManyIsCompressedOnce() throws {
        let house = SocketHouse(ServerRules(compression: .shared))
        var small = DeflateOptions()
        small.terms.serverWindowBits = 8
        let peers = try [nil, DeflateOptions(), DeflateOptions(), small, small].map {
            try house.peer($0)
        }
        let text = String(repeating: "to everybody ", count: 100)
        for _ in 0..<3 { try house.host.broadcast(text) }
        try house.host.broadcast("a")
        for peer in peers { #expect(try peer.hear() == [text, text, text, "a"]) }
        #expect(house.host.shared.compressions == 4 * 2)
    }

    @Test func windowsThatAreKeptAreEachConnectionsOwn() throws {
        let house = SocketHouse(ServerRules(compression: DeflateOptions()))
        let peers = try [nil, DeflateOptions(), DeflateOptions()].map { try house.peer($0) }
        // Out of step: no two windows are the same.
        house.host.sockets[1].send("only to the second".utf8.span)
        let text = String(repeating: "to everybody ", count: 100)
        for _ in 0..<3 { try house.host.broadcast(text) }
        #expect(try peers[0].hear() == [text, text, text])
        #expect(try peers[1].hear() == ["only to the second", text, text, text])
        #expect(try peers[2].hear() == [text, text, text])
        #expect(house.host.shared.compressions == 0)
    }

    @Test func aBombIsRefused() throws {
        let house = SocketHouse(ServerRules(messageLimit: 64 << 10, compression: .shared))
        let peer = try house.peer(DeflateOptions())
        try peer.say(String(repeating: "0", count: 64 << 10))
        #expect(try peer.hear().count == 1)
        try peer.say(String(repeating: "0", count: 64 << 20))
        _ = try peer.hear()
        #expect(peer.closes == ["1009 a message of at most 65536 bytes"])
    }
}
